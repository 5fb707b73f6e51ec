/** Watches: what there is (when asked for), then each change as it is committed, until the client, the time or the server ends it. */
import type { StoredObject } from '@weft/core/resources';
import { apiVersionOf } from '@weft/core/resources';
import { keyOfTarget, subjectOf, type Target } from '../catalog.ts';
import { renderObject, type Rendering } from '../output/list.ts';
import type { ListOptions } from '../request/list-options.ts';
import type { LogEntry } from '../../store/index.ts';
import type { JsonObject } from '../patch/merge-patch.ts';
import { storeFailure, tooManyRequests } from '../status.ts';
import { type WatchEvent, WatchStream } from '../watch-stream.ts';
import { type Call, type Outcome, refuse } from './call.ts';
import { listKind } from './list-kind.ts';
import { MAX_WATCHES } from './watches.ts';

/** Seconds a watch lasts when its client does not say: 30 to 60 minutes, so that clients do not come back all at once. */
const LONGEST_SECONDS = 3600;
const BOOKMARK_MS = 60_000;
/** ms without progress that an ended watch has to get its last event out. */
const LAST_WORDS_MS = 10_000;

export async function watch(call: Call, target: Target, options: ListOptions): Promise<Outcome> {
  const { context, response } = call;
  const { watches, monotonic, resources } = context;
  if (watches.full) return refuse(tooManyRequests(`${MAX_WATCHES} watches are open: try again later`));
  const rendering: Rendering = { kind: target.kind, version: target.version, form: call.form, now: context.wall.now() };
  const render = (object: StoredObject) =>
    renderObject(object, { ...rendering, now: context.wall.now() }, options) as JsonObject;
  let from = options.resourceVersion ?? 0;
  const initial: WatchEvent[] = [];
  if (from === 0 || options.initialEvents) {
    const listing = await listKind(call, target, undefined);
    if (!listing.ok) return refuse(listing.error);
    from = listing.value.revision;
    for (const item of listing.value.items) {
      if (options.matches(item)) initial.push({ type: 'ADDED', object: () => render(item) });
    }
    if (options.initialEvents) initial.push(bookmark(target, from, true));
  }
  const timers: { cancel(): void }[] = [];
  let release = (): void => undefined;
  const stream = new WatchStream(response, () => {
    watches.remove(stream);
    for (const timer of timers) timer.cancel();
    release();
    if (!response.destroyed) response.setTimeout(LAST_WORDS_MS, () => response.destroy());
  });
  const subscription = resources.store.watch(from, (entries) => {
    for (const entry of entries) {
      const event = eventOf(entry, target, options, render);
      if (event !== undefined) stream.send(event);
    }
  });
  if (!subscription.ok) return refuse(storeFailure(subjectOf(target), subscription.error));
  release = () => subscription.value.close();
  watches.add(stream);
  const seconds = options.timeoutSeconds || LONGEST_SECONDS * (0.5 + Math.random() / 2);
  timers.push(monotonic.after(Math.min(seconds, LONGEST_SECONDS) * 1000, () => stream.end()));
  if (options.bookmarks) {
    const next = (): void => {
      timers[1] = monotonic.after(BOOKMARK_MS, () => {
        stream.send(bookmark(target, resources.store.revision(), false));
        next();
      });
    };
    next();
  }
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  stream.begin(initial);
  return 'streaming';
}

/** What a change means to a watcher: an object that leaves its selection is deleted to it. */
function eventOf(
  { key, before, after, revision }: LogEntry,
  target: Target,
  { matches }: ListOptions,
  render: (object: StoredObject) => JsonObject,
): WatchEvent | undefined {
  const { group, kind, namespace } = keyOfTarget(target);
  if (key.group !== group || key.kind !== kind || (namespace !== '' && key.namespace !== namespace)) return undefined;
  const was = before !== undefined && matches(before);
  const is = after !== undefined && matches(after);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: () => render(after) };
  if (!was) return undefined;
  const last = { ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } };
  return { type: 'DELETED', object: () => render(last) };
}

/** Everything up to `revision` has been sent; `initial`: so has what there was at the start (sendInitialEvents). */
function bookmark({ kind, version }: Target, revision: number, initial: boolean): WatchEvent {
  const annotations = initial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return {
    type: 'BOOKMARK',
    object: () => ({
      apiVersion: apiVersionOf(kind.group, version),
      kind: kind.kind,
      metadata: { resourceVersion: String(revision), creationTimestamp: null, ...annotations },
    }),
  };
}
