/**
 * Strategic merge patch, as kubectl sends it for kinds whose Go types it has: Service and Namespace. Lists of Service ports merge by
 * `port`, lists of finalizers by value; every other list is replaced. Directives: $patch (merge, replace, delete),
 * $deleteFromPrimitiveList/..., $setElementOrder/..., $retainKeys.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
import { err, ok, type Result } from '@weft/core/kernel';
import { isJsonObject, type Json, type JsonObject, sameJson } from './merge-patch.ts';

/** Lists that merge, by their path: the field that names an item, '' for lists of plain values. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  'spec.ports': 'port',
  'spec.finalizers': '',
  'metadata.finalizers': '',
  'status.conditions': 'type',
};

export function strategicMerge(target: JsonObject, patch: JsonObject): Result<JsonObject, string> {
  try {
    return ok(mergeObject(target, patch, ''));
  } catch (error) {
    if (error instanceof PatchError) return err(error.message);
    throw error;
  }
}

class PatchError extends Error {}

function mergeObject(target: JsonObject | undefined, patch: JsonObject, path: string): JsonObject {
  const directive = patch['$patch'];
  const merged = new Map<string, Json>(Object.entries(target ?? {}));
  if (directive === 'replace') merged.clear();
  else if (directive === 'delete') return {};
  else if (directive !== undefined && directive !== 'merge') fail(`${path}: $patch ${JSON.stringify(directive)}`);
  const retained = patch['$retainKeys'];
  if (retained !== undefined) {
    if (!Array.isArray(retained)) fail(`${path}: $retainKeys must be a list`);
    for (const key of Object.keys(target ?? {})) if (!(retained as readonly Json[]).includes(key)) merged.delete(key);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    const below = path === '' ? key : `${path}.${key}`;
    const before = merged.get(key);
    if (value === null) merged.delete(key);
    else if (isJsonObject(value)) merged.set(key, mergeObject(isJsonObject(before) ? before : undefined, value, below));
    else if (Array.isArray(value)) merged.set(key, mergeList(Array.isArray(before) ? before : [], value, below));
    else merged.set(key, value);
  }
  applyListDirectives(merged, patch, path);
  return Object.fromEntries(merged);
}

function mergeList(target: readonly Json[], patch: readonly Json[], path: string): Json {
  const key = MERGE_KEYS[path];
  if (key === undefined) return withoutDirectives(patch, path);
  if (key === '') return [...target, ...patch.filter((item) => !target.some((there) => sameJson(there, item)))];
  const items = patch.map((item) => (isJsonObject(item) ? item : fail(`${path}: an item is not an object`)));
  if (items.some((item) => item['$patch'] === 'replace')) return items.filter((item) => item['$patch'] === undefined);
  const merged = [...target];
  for (const item of items) {
    const name = item[key];
    if (name === undefined) fail(`${path}: an item has no ${key}`);
    const index = merged.findIndex((there) => isJsonObject(there) && sameJson(there[key], name));
    if (item['$patch'] === 'delete') {
      if (index >= 0) merged.splice(index, 1);
    } else {
      const before = merged[index];
      const after = mergeObject(isJsonObject(before) ? before : undefined, item, `${path}[]`);
      merged.splice(index < 0 ? merged.length : index, index < 0 ? 0 : 1, after);
    }
  }
  return merged;
}

/** A list that is replaced may say so, and nothing else. */
function withoutDirectives(list: readonly Json[], path: string): Json {
  return list.filter((item) => {
    if (!isJsonObject(item) || item['$patch'] === undefined) return true;
    return item['$patch'] === 'replace' ? false : fail(`${path}: items of this list cannot be patched one by one`);
  });
}

function applyListDirectives(merged: Map<string, Json>, patch: JsonObject, path: string): void {
  for (const [directive, value] of Object.entries(patch)) {
    const [word, field] = directive.split('/', 2);
    if (field === undefined || word === undefined || !word.startsWith('$')) continue;
    const list = merged.get(field);
    if (!Array.isArray(value)) fail(`${directive} must be a list`);
    if (!Array.isArray(list)) continue;
    const below = path === '' ? field : `${path}.${field}`;
    if (word === '$deleteFromPrimitiveList') {
      merged.set(
        field,
        list.filter((item: Json) => !(value as readonly Json[]).some((gone) => sameJson(gone, item))),
      );
    } else if (word === '$setElementOrder')
      merged.set(field, ordered(list, value as readonly Json[], MERGE_KEYS[below] ?? ''));
    else fail(`unknown directive ${directive}`);
  }
}

/** Items named in `order` in that order, each other item behind the one it stood behind. */
function ordered(list: readonly Json[], order: readonly Json[], key: string): Json {
  const name = (item: Json): Json | undefined => (key !== '' && isJsonObject(item) ? item[key] : item);
  const rank = (item: Json): number => order.findIndex((wanted) => sameJson(name(wanted), name(item)));
  const ranked = list.filter((item) => rank(item) >= 0).sort((a, b) => rank(a) - rank(b));
  const result: Json[] = [];
  for (const item of list) result.push(rank(item) >= 0 ? (ranked.shift() ?? item) : item);
  return result;
}

function fail(message: string): never {
  throw new PatchError(`strategic merge patch: ${message}`);
}
