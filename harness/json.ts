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

/**
 * One string for each JSON value, independent of the order of properties, so that keys and states can be
 * compared and used in maps.
 */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item as Json)).join(',')}]`;
  if (isJsonObject(value)) {
    const entries = Object.keys(value)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`);
    return `{${entries.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Deep equality of JSON values, independent of the order of properties. */
export function equal(a: Json, b: Json): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && canonical(a) === canonical(b));
}

/**
 * The value as a receiver reads it who was sent it as JSON text: a copy that shares nothing with the original.
 * Several times faster than writing and parsing, which is what it falls back to for what is not plain JSON.
 */
export function received(value: Json): Json {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value) ? value : null;
  }
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => received(item));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // To assign a property of that name would set the copy's prototype.
  const plain = (prototype === Object.prototype || prototype === null) && !Object.hasOwn(value, '__proto__');
  if (!plain) return JSON.parse(JSON.stringify(value)) as Json;
  const copy: Record<string, Json> = {};
  for (const name of Object.keys(value)) {
    const property = (value as Partial<JsonObject>)[name];
    if (property !== undefined) copy[name] = received(property);
  }
  return copy;
}
