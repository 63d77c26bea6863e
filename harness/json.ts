/**
 * JSON values: what travels in histories, messages, configuration and results. Everything that leaves a
 * process is of this type, so that it can be written, read back and compared without surprises.
 */

/** Any value that JSON can carry. Object properties may be absent, never `undefined` in transit. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A JSON object. */
export type JsonObject = Readonly<Record<string, Json>>;

/** True for a JSON object (not null, not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list that is longer is written faster by JSON.stringify, which makes no text of each item. */
const SHORT_LIST = 8;

/**
 * One string for each JSON value, independent of the order of properties, so that keys and states can be
 * compared and used in maps.
 */
export function canonical(value: Json): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (items.length > SHORT_LIST && items.every(isSimple)) return JSON.stringify(items);
    for (const item of items) text += text === '' ? canonical(item) : `,${canonical(item)}`;
    return `[${text}]`;
  }
  for (const name of Object.keys(value).sort()) {
    const entry = `${JSON.stringify(name)}:${canonical((value as JsonObject)[name] ?? null)}`;
    text += text === '' ? entry : `,${entry}`;
  }
  return `{${text}}`;
}

/** Whether the order of properties cannot matter, since there are none. */
function isSimple(value: Json): boolean {
  return typeof value !== 'object' || value === null;
}

/** Deep equality of JSON values, independent of the order of properties. */
export function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    const items = a as readonly Json[];
    return (
      Array.isArray(b) && items.length === b.length && items.every((item, at) => equal(item, b[at] as Json))
    );
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && equal(a[name] ?? null, b[name] ?? null));
}

/**
 * The value as a receiver reads it who was sent it as JSON text: a copy that shares nothing with the original.
 * Several times faster than writing and parsing, which is what it falls back to for what is not plain JSON.
 */
export function received(value: Json): Json {
  if (typeof value !== 'object' || value === null) {
    return typeof value !== 'number' || Number.isFinite(value) ? value : null;
  }
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => received(item));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // To assign a property of that name would set the copy's prototype.
  const plain = (prototype === Object.prototype || prototype === null) && !Object.hasOwn(value, '__proto__');
  if (!plain) return JSON.parse(JSON.stringify(value)) as Json;
  const source: Partial<JsonObject> = value as JsonObject;
  const copy: Record<string, Json> = {};
  // Faster than over a list of the names; plain objects inherit nothing that would show here.
  for (const name in source) {
    const property = source[name];
    if (property !== undefined) copy[name] = received(property);
  }
  return copy;
}
