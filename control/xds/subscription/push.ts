/** One response that is to be sent, as data; the server turns it into bytes. */
import type { Resource, ResourceSet, ResourceType } from '../snapshot/index.ts';

export type Protocol = 'state-of-the-world' | 'delta';

export interface Push {
  readonly type: ResourceType;
  readonly protocol: Protocol;
  /** The version of `target`, with a suffix when the response before it had the same. */
  readonly nonce: string;
  /** What the client holds once it has acknowledged this. */
  readonly target: ResourceSet;
  /** Names in the response, in order; undefined: all of `target`. */
  readonly names: readonly string[] | undefined;
  /** Names in `removed_resources`; delta only. */
  readonly removed: readonly string[];
  /** Names that are new to the client or at another version than it holds. */
  readonly changed: readonly string[];
  /** Pushes of one key have the same bytes, whatever stream they are for. */
  readonly key: string;
}

/** The resources in the response. One known by its version alone cannot be sent; the client holds it. */
export function pushed({ target, names }: Push): Resource[] {
  const resources =
    names === undefined ? [...target.resources.values()] : names.flatMap((name) => target.get(name) ?? []);
  return resources.filter(({ body }) => body.length > 0);
}

/** State of the world: a response of these types is the whole set, and what it lacks is removed. */
export const isWholeSet = (type: ResourceType): boolean => type === 'clusters' || type === 'listeners';
