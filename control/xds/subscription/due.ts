/** The response that takes a client from what it holds to a target set, in either variant; undefined when there is nothing to say. */
import type { ResourceSet } from '../snapshot/index.ts';
import { isWholeSet, type Protocol, type Push } from './push.ts';
import type { TypeState } from './type-state.ts';

const NOTHING: readonly string[] = [];

export function dueStateOfTheWorld(state: TypeState, target: ResourceSet): Push | undefined {
  const { changed, removed } = state.held.difference(target);
  const again = toSendAgain(state);
  if (isWholeSet(state.type)) {
    const corrects = state.refused !== undefined && !state.refused.target.sameAs(target);
    const due = !state.answered || corrects || changed.length > 0 || removed.length > 0 || again.size > 0;
    return due
      ? response('state-of-the-world', state, target, { names: undefined, removed: NOTHING, changed })
      : undefined;
  }
  const names = union(changed, again, target);
  // Nothing to say but the version: without it a client that comes back would not be recognised as being up to date.
  const carrier =
    state.clientVersion !== '' &&
    state.clientVersion !== target.version &&
    state.lastNonce.split('.', 1)[0] !== target.version;
  if (names.length > 0 || carrier)
    return response('state-of-the-world', state, target, { names, removed: NOTHING, changed });
  state.resend.clear();
  return undefined;
}

export function dueDelta(state: TypeState, target: ResourceSet): Push | undefined {
  const { changed, removed: gone } = state.held.difference(target);
  const names = union(changed, toSendAgain(state), target);
  const goes = new Set(gone);
  const absent = [...state.unanswered, ...state.doubtful].filter((name) => !target.has(name) && !goes.has(name));
  const removed = absent.length === 0 ? gone : [...new Set([...gone, ...absent])].sort();
  const isFirst = !state.answered && state.interest.wildcard;
  if (names.length > 0 || removed.length > 0 || isFirst)
    return response('delta', state, target, { names, removed, changed });
  state.resend.clear();
  state.unanswered.clear();
  return undefined;
}

function response(
  protocol: Protocol,
  state: TypeState,
  target: ResourceSet,
  contents: Pick<Push, 'names' | 'removed' | 'changed'>,
): Push {
  const { type } = state;
  const { names, removed, changed } = contents;
  const nonce = state.nonce(target.version);
  const again = names === changed ? '' : names === undefined ? '*' : names.join('\n');
  const key = [protocol, type, state.held.version, target.version, nonce, again, removed.join('\n')].join('|');
  return { type, protocol, nonce, target, names, removed, changed, key };
}

const toSendAgain = ({ resend, doubtful, withheld }: TypeState): ReadonlySet<string> =>
  doubtful.size === 0 ? resend : new Set([...resend, ...[...doubtful].filter((name) => !withheld.has(name))]);

/** `changed` itself when nothing is to be sent again, so that equal streams share one list. */
function union(changed: readonly string[], again: ReadonlySet<string>, target: ResourceSet): readonly string[] {
  if (again.size === 0) return changed;
  const already = new Set(changed);
  const more = [...again].filter((name) => {
    const resource = target.get(name);
    return resource !== undefined && resource.body.length > 0 && !already.has(name);
  });
  return more.length === 0 ? changed : [...changed, ...more].sort();
}
