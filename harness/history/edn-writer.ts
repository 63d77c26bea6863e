/**
 * Writes JSON as EDN, so that reading it again (edn-reader.ts) gives the same JSON: `{"$set": […]}` is a set,
 * and property names are keywords where EDN allows it, as Clojure's programs expect.
 */
import { isJsonObject, type Json } from '../json.ts';

const KEYWORD = /^[A-Za-z*!_?$%&=<>][\w*!?$%&=<>.+-]*(\/[A-Za-z*!_?$%&=<>][\w*!?$%&=<>.+-]*)?$/;
const INTEGER = /^(0|-?[1-9]\d{0,14})$/;

/** The value as EDN, on one line. */
export function writeEdn(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(writeEdn).join(' ')}]`;
  if (!isJsonObject(value)) return value === null ? 'nil' : JSON.stringify(value);
  const names = Object.keys(value);
  const set = value.$set;
  if (names.length === 1 && Array.isArray(set))
    return `#{${(set as readonly Json[]).map(writeEdn).join(' ')}}`;
  return `{${names.map((name) => `${writeName(name)} ${writeEdn(value[name] ?? null)}`).join(', ')}}`;
}

/** A name as a keyword, or as a string where no keyword can hold it. */
export function writeKeyword(name: string): string {
  return KEYWORD.test(name) ? `:${name}` : JSON.stringify(name);
}

/** Integers stay integers: Clojure's maps have keys of any type, JSON's only strings. */
function writeName(name: string): string {
  return INTEGER.test(name) ? name : writeKeyword(name);
}
