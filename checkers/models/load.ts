/**
 * Finds a model by what a user or another thread can name it: a built-in's name, or a module and its export.
 * Only a model that can be named can be searched in other threads, since functions do not travel.
 */
import { fileURLToPath } from 'node:url';
import { importUserModule, whyNotLoaded } from '../../harness/entry-points.ts';
import { UsageError, didYouMean } from '../../harness/errors.ts';
import { models } from './index.ts';
import type { Model } from './model.ts';

/** A model in a module of the user's own. */
export interface ModelReference {
  /** The module's URL: `import.meta.url`, `pathToFileURL(path).href`. */
  readonly module: string;
  /** The export that is the model (default `default`). */
  readonly export?: string;
}

/** A built-in model's name, a user's module, or a model as a value. */
export type ModelSource = string | ModelReference | Model;

/** A model, and how another thread finds it: undefined for a value that only this thread has. */
export interface LoadedModel {
  readonly model: Model;
  readonly reference: string | ModelReference | undefined;
}

/** Loads the model. Throws a UsageError if there is none of that name, or the module has no such export. */
export async function loadModel(source: ModelSource): Promise<LoadedModel> {
  if (typeof source === 'string') return { model: builtIn(source), reference: source };
  if ('module' in source) return { model: await fromModule(source), reference: source };
  const name = Object.entries<Model>(models).find(([, model]) => model === source)?.[0];
  return { model: source, reference: name };
}

function builtIn(name: string): Model {
  const model = Object.entries<Model>(models).find(([candidate]) => candidate === name)?.[1];
  if (model !== undefined) return model;
  const names = Object.keys(models);
  throw new UsageError(
    `there is no model "${name}"${didYouMean(name, names)}; there are ${names.join(', ')}`,
  );
}

async function fromModule(reference: ModelReference): Promise<Model> {
  const name = reference.export ?? 'default';
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await importUserModule(reference.module);
  } catch (error) {
    throw new UsageError(`cannot load the model in ${pathOf(reference.module)}: ${whyNotLoaded(error)}`, {
      cause: error,
    });
  }
  const model = exports[name];
  if (isModel(model)) return model;
  const found = Object.keys(exports).join(', ') || 'nothing';
  throw new UsageError(
    `the export "${name}" of ${pathOf(reference.module)} is no model: expected an object with name, summary, operations, ` +
      `init and step (see checkers/models/model.ts); the module exports ${found}`,
  );
}

/** As people name files; what is no file's URL stays as it is. */
function pathOf(module: string): string {
  return module.startsWith('file:') ? fileURLToPath(module) : module;
}

function isModel(value: unknown): value is Model {
  if (typeof value !== 'object' || value === null) return false;
  const model = value as Readonly<Record<string, unknown>>;
  const functions = ['init', 'step'].every((field) => typeof model[field] === 'function');
  return functions && typeof model['name'] === 'string' && typeof model['operations'] === 'object';
}
