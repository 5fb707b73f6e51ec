/**
 * What `apply` makes of an object that is there: the three-way merge of kubectl's client-side apply (last applied, wished, live), with
 * the same annotation, so that both tools can take turns. Lists are replaced as a whole. Pure.
 */
import { isJsonObject, type Json, type JsonObject, LAST_APPLIED, sameJson } from '../patch/merge-patch.ts';

export { LAST_APPLIED } from '../patch/merge-patch.ts';

/** `wished` with the annotation that remembers it, as it is made anew. */
export function withLastApplied(wished: JsonObject): JsonObject {
  const metadata = isJsonObject(wished['metadata']) ? wished['metadata'] : {};
  const annotations = isJsonObject(metadata['annotations']) ? metadata['annotations'] : {};
  const { [LAST_APPLIED]: _, ...own } = annotations;
  const remembered = { ...wished, metadata: { ...metadata, annotations: own } };
  const text = `${JSON.stringify(remembered)}\n`;
  return { ...wished, metadata: { ...metadata, annotations: { ...own, [LAST_APPLIED]: text } } };
}

/** `live` with what `wished` says, and without what the last apply said and `wished` no longer does. */
export function applied(live: JsonObject, wished: JsonObject): JsonObject {
  const last = lastAppliedOf(live);
  const merged = mergeObject(live, last, withLastApplied(wished));
  const { status: _, ...rest } = merged;
  return live['status'] === undefined ? rest : { ...rest, status: live['status'] };
}

function lastAppliedOf(live: JsonObject): JsonObject {
  const metadata = isJsonObject(live['metadata']) ? live['metadata'] : {};
  const annotations = isJsonObject(metadata['annotations']) ? metadata['annotations'] : {};
  const text = annotations[LAST_APPLIED];
  if (typeof text !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function mergeObject(live: JsonObject, last: JsonObject, wished: JsonObject): JsonObject {
  const merged = new Map<string, Json>(Object.entries(live));
  for (const key of Object.keys(last)) if (!Object.hasOwn(wished, key)) merged.delete(key);
  for (const [key, value] of Object.entries(wished)) {
    const [now, before] = [merged.get(key), Object.hasOwn(last, key) ? last[key] : undefined];
    if (value === null) merged.delete(key);
    else if (isJsonObject(value) && isJsonObject(now)) {
      merged.set(key, mergeObject(now, isJsonObject(before) ? before : {}, value));
    } else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** Whether a write changed what users see: spec, labels, annotations; not the memory of apply. */
export function sameToUser(a: JsonObject, b: JsonObject): boolean {
  const seen = (object: JsonObject): Json => {
    const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
    const annotations = isJsonObject(metadata['annotations']) ? metadata['annotations'] : {};
    const { [LAST_APPLIED]: _, ...own } = annotations;
    const { metadata: _metadata, status: _status, apiVersion: _version, ...body } = object;
    // Of what answers hide, the generation alone says that it changed.
    return { body, generation: metadata['generation'] ?? 0, labels: metadata['labels'] ?? {}, annotations: own };
  };
  return sameJson(seen(a), seen(b));
}
