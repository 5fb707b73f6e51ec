/** get, list, watch, and what can be read of one object beside it. */
import { renderList, renderObject, type Rendering } from '../output/list.ts';
import { wireObject } from '../output/object-form.ts';
import { subjectOf, type Target } from '../catalog.ts';
import { parseListOptions } from '../request/list-options.ts';
import { notFound } from '../status.ts';
import { answer, type Call, type Outcome, refuse } from './call.ts';
import { listKind } from './list-kind.ts';
import { watch } from './watch.ts';

export const renderingOf = ({ form, context }: Call, { kind, version }: Target): Rendering => ({
  kind,
  version,
  form,
  now: context.wall.now(),
});

export async function getObject(call: Call, target: Target): Promise<Outcome> {
  const object = await call.context.resources.get(target);
  if (!object.ok) return refuse(object.error);
  const options = parseListOptions(call.query);
  return answer(renderObject(object.value, renderingOf(call, target), options.ok ? options.value : undefined));
}

export async function listOrWatch(call: Call, target: Target): Promise<Outcome> {
  const options = parseListOptions(call.query);
  if (!options.ok) return refuse(options.error);
  if (options.value.watch) return watch(call, target, options.value);
  const { from, exact, resourceVersion } = options.value;
  const at = from?.revision ?? (exact ? resourceVersion : undefined);
  const listing = await listKind(call, target, at);
  if (!listing.ok) return refuse(listing.error);
  const { items, revision } = listing.value;
  return answer(renderList(items, revision, options.value, renderingOf(call, target)));
}

/** Entries of one answer, the newest. */
const MAX_HISTORY = 200;

/**
 * `weft.dev/v1alpha1 ObjectHistory`: the changes of one object that are still in the log, oldest first. `before` is left out where the
 * entry in front of it says the same.
 */
export async function getHistory(call: Call, target: Target): Promise<Outcome> {
  const entries = await call.context.resources.history(target);
  if (entries.length === 0) {
    const there = await call.context.resources.get(target);
    if (!there.ok) return refuse(there.error);
  }
  const { kind, version } = target;
  return answer({
    kind: 'ObjectHistory',
    apiVersion: 'weft.dev/v1alpha1',
    items: entries.slice(-MAX_HISTORY).map(({ revision, time, author, before, after, zone }, index) => ({
      revision,
      time: new Date(time).toISOString(),
      author,
      zone,
      operation: before === undefined ? 'create' : after === undefined ? 'delete' : 'update',
      ...(before === undefined || index > 0 ? {} : { before: wireObject(before, kind, version) }),
      ...(after === undefined ? {} : { after: wireObject(after, kind, version) }),
    })),
  });
}

/** `weft.dev/v1alpha1 ObjectOrigin`: the text the object was applied from. */
export async function getOrigin(call: Call, target: Target): Promise<Outcome> {
  const object = await call.context.resources.get(target);
  if (!object.ok) return refuse(object.error);
  const { origin } = object.value;
  if (origin === undefined) return refuse(notFound({ ...subjectOf(target), plural: `${target.kind.plural}/origin` }));
  return answer({ kind: 'ObjectOrigin', apiVersion: 'weft.dev/v1alpha1', ...origin });
}
