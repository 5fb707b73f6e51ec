/** create, update, patch, delete, rollback. */
import { err, ok, type Result } from '@weft/core/kernel';
import type { Origin } from '@weft/core/resources';
import type { FieldValidation } from '../admission/validate.ts';
import { subjectOf, type Target } from '../catalog.ts';
import { renderObject } from '../output/list.ts';
import { isJsonObject, type JsonObject, mergePatch } from '../patch/merge-patch.ts';
import { strategicMerge } from '../patch/strategic-merge.ts';
import { mediaType, readBytes, readJson, readText } from '../request/body.ts';
import { parseJson } from '../request/json.ts';
import { decodeProtobuf, PROTOBUF_TYPE } from '../request/protobuf.ts';
import type { WriteOptions, Written } from '../resources.ts';
import { badRequest, type Status, success, unsupportedMediaType } from '../status.ts';
import { answer, type Call, type Outcome, refuse } from './call.ts';
import { renderingOf } from './read.ts';

/**
 * The envelope in which `weft apply` sends an object together with the text it comes from: `{"origin": {"file", "firstLine", "text"},
 * "object": {...}}`, for POST and PUT.
 */
export const ORIGIN_TYPE = 'application/weft-origin+json';

interface Sent {
  readonly document: unknown;
  readonly origin: Origin | undefined;
}

/** dryRun, fieldValidation, breakInvariants; unknown fields and broken Invariants are refused unless the client asks otherwise. */
function writeOptions({ query, user }: Call): Result<WriteOptions, Status> {
  const dryRun = query.getAll('dryRun');
  if (dryRun.some((word) => word !== 'All' && word !== '')) return err(badRequest('dryRun: the only value is All'));
  const validation = query.get('fieldValidation') ?? '';
  if (validation !== '' && !isValidation(validation)) {
    return err(badRequest('fieldValidation: expected Strict, Warn or Ignore'));
  }
  return ok({
    author: user.name,
    dryRun: dryRun.includes('All'),
    validation: validation === '' ? 'Strict' : validation,
    holdInvariants: query.get('breakInvariants') !== 'true',
  });
}

const isValidation = (word: string): word is FieldValidation => ['Strict', 'Warn', 'Ignore'].includes(word);

async function readDocument(call: Call): Promise<Result<Sent, Status>> {
  const type = mediaType(call.request);
  if (type === PROTOBUF_TYPE) {
    const bytes = await readBytes(call.request);
    if (!bytes.ok) return bytes;
    const decoded = decodeProtobuf(bytes.value);
    return decoded.ok ? ok({ document: decoded.value, origin: undefined }) : err(unsupportedMediaType(decoded.error));
  }
  if (type !== 'application/json' && type !== ORIGIN_TYPE && type !== '') {
    return err(unsupportedMediaType(`${type.slice(0, 100)} is not read: send application/json`));
  }
  const body = await readJson(call.request);
  if (!body.ok) return body;
  if (type !== ORIGIN_TYPE) return ok({ document: body.value, origin: undefined });
  const { origin, object } = isJsonObject(body.value) ? body.value : {};
  if (!isOrigin(origin)) {
    return err(badRequest(`${ORIGIN_TYPE}: origin needs file (text), firstLine (a whole number from 1) and text`));
  }
  const { file, firstLine, text } = origin;
  return ok({ document: object, origin: { file, firstLine, text } });
}

function isOrigin(value: unknown): value is Origin {
  if (!isJsonObject(value)) return false;
  const { file, firstLine, text } = value;
  return (
    typeof file === 'string' &&
    file.length <= 4096 &&
    typeof text === 'string' &&
    text.length <= 1024 * 1024 &&
    Number.isSafeInteger(firstLine) &&
    Number(firstLine) >= 1
  );
}

const written = (call: Call, target: Target, { object, created, warnings }: Written): Outcome => ({
  code: created ? 201 : 200,
  body: renderObject(object, { ...renderingOf(call, target) }),
  warnings,
});

export async function createObject(call: Call, target: Target): Promise<Outcome> {
  const options = writeOptions(call);
  if (!options.ok) return refuse(options.error);
  const sent = await readDocument(call);
  if (!sent.ok) return refuse(sent.error);
  const { document, origin } = sent.value;
  const result = await call.context.resources.create(target, document, { ...options.value, origin });
  return result.ok ? written(call, target, result.value) : refuse(result.error);
}

export async function replaceObject(call: Call, target: Target): Promise<Outcome> {
  const options = writeOptions(call);
  if (!options.ok) return refuse(options.error);
  const sent = await readDocument(call);
  if (!sent.ok) return refuse(sent.error);
  const { document, origin } = sent.value;
  const statusOnly = call.params['subresource'] === 'status';
  const result = await call.context.resources.update(target, document, { ...options.value, origin, statusOnly });
  return result.ok ? written(call, target, result.value) : refuse(result.error);
}

const PATCH_TYPES =
  'application/merge-patch+json and, for Service and Namespace, application/strategic-merge-patch+json';

export async function patchObject(call: Call, target: Target): Promise<Outcome> {
  const options = writeOptions(call);
  if (!options.ok) return refuse(options.error);
  const type = mediaType(call.request);
  const strategic = type === 'application/strategic-merge-patch+json';
  if (type !== 'application/merge-patch+json' && !(strategic && target.kind.group === '')) {
    const what =
      type === 'application/apply-patch+yaml'
        ? 'server-side apply is not served'
        : `${type.slice(0, 100)} is not served`;
    return refuse(unsupportedMediaType(`${what}: send ${PATCH_TYPES}; \`kubectl apply\` without --server-side does`));
  }
  const text = await readText(call.request);
  if (!text.ok) return refuse(text.error);
  const patch = parseJson(text.value);
  if (!patch.ok) return refuse(badRequest(patch.error));
  const body = patch.value;
  if (!isJsonObject(body)) return refuse(badRequest('a patch is a JSON object'));
  const edit = (now: JsonObject): Result<unknown, Status> => {
    if (!strategic) return ok(mergePatch(now, body));
    const merged = strategicMerge(now, body);
    return merged.ok ? merged : err(badRequest(merged.error));
  };
  const statusOnly = call.params['subresource'] === 'status';
  const result = await call.context.resources.patch(target, edit, { ...options.value, statusOnly });
  return result.ok ? written(call, target, result.value) : refuse(result.error);
}

/** meta.v1.DeleteOptions in the body: preconditions and dryRun count, the rest has no meaning here. */
export async function deleteObject(call: Call, target: Target): Promise<Outcome> {
  const options = writeOptions(call);
  if (!options.ok) return refuse(options.error);
  const text = await readText(call.request);
  if (!text.ok) return refuse(text.error);
  const body = text.value.trim() === '' ? ok({}) : parseJson(text.value);
  if (!body.ok) return refuse(badRequest(body.error));
  const wish = isJsonObject(body.value) ? body.value : {};
  const { preconditions, dryRun } = wish;
  const { uid, resourceVersion } = isJsonObject(preconditions) ? preconditions : {};
  const rehearsal = options.value.dryRun === true || (Array.isArray(dryRun) && dryRun.includes('All'));
  const result = await call.context.resources.delete(
    target,
    {
      uid: typeof uid === 'string' ? uid : undefined,
      resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : undefined,
    },
    { ...options.value, dryRun: rehearsal },
  );
  return result.ok ? answer(success(subjectOf(target), result.value.metadata.uid)) : refuse(result.error);
}

/** POST {"revision": N}: makes the object what it was then. */
export async function rollbackObject(call: Call, target: Target): Promise<Outcome> {
  const options = writeOptions(call);
  if (!options.ok) return refuse(options.error);
  const body = await readJson(call.request);
  if (!body.ok) return refuse(body.error);
  const revision = isJsonObject(body.value) ? body.value['revision'] : undefined;
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 1) {
    return refuse(badRequest('rollback: send {"revision": N}, N a revision from the object\'s history'));
  }
  const result = await call.context.resources.rollback(target, revision, options.value);
  return result.ok ? written(call, target, result.value) : refuse(result.error);
}
