/** The query of a list or watch: meta.v1.ListOptions. */
import { err, ok, type Result } from '@weft/core/kernel';
import type { StoredObject } from '@weft/core/resources';
import { badRequest, type Status } from '../status.ts';
import { parseFieldSelector, parseLabelSelector } from './selectors.ts';

/** Where a chunked list goes on: the revision of its first chunk and the last object given. */
export interface Continue {
  readonly revision: number;
  readonly namespace: string;
  readonly name: string;
  /** Objects given so far. */
  readonly given: number;
}

export interface ListOptions {
  matches(object: StoredObject): boolean;
  /** True when a selector is set: the remaining number is then unknown. */
  readonly selective: boolean;
  /** 0: all. */
  readonly limit: number;
  readonly from: Continue | undefined;
  readonly watch: boolean;
  /** undefined: not given. */
  readonly resourceVersion: number | undefined;
  /** The list must be of exactly that resourceVersion. */
  readonly exact: boolean;
  /** Seconds, 0: the server's choice. */
  readonly timeoutSeconds: number;
  readonly bookmarks: boolean;
  readonly initialEvents: boolean;
  /** meta.v1.TableOptions.includeObject */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
}

export function parseListOptions(query: URLSearchParams): Result<ListOptions, Status> {
  const text = (name: string): string => query.get(name) ?? '';
  const labels = parseLabelSelector(text('labelSelector'));
  if (!labels.ok) return err(badRequest(labels.error));
  const fields = parseFieldSelector(text('fieldSelector'));
  if (!fields.ok) return err(badRequest(fields.error));
  const numbers = { limit: 0, resourceVersion: 0, timeoutSeconds: 0 };
  for (const name of ['limit', 'resourceVersion', 'timeoutSeconds'] as const) {
    const given = text(name);
    if (!/^\d{0,15}$/.test(given))
      return err(badRequest(`${name}: expected a whole number, found ${JSON.stringify(given.slice(0, 50))}`));
    numbers[name] = Number(given);
  }
  const from = text('continue') === '' ? undefined : decodeContinue(text('continue'));
  if (from === 'unreadable') return err(badRequest('continue: not a token of this server'));
  const include = text('includeObject');
  return ok({
    matches: (object) => labels.value(object) && fields.value(object),
    selective: text('labelSelector') !== '' || text('fieldSelector') !== '',
    limit: numbers.limit,
    from,
    watch: isTrue(text('watch')),
    resourceVersion: text('resourceVersion') === '' ? undefined : numbers.resourceVersion,
    exact: text('resourceVersionMatch') === 'Exact',
    timeoutSeconds: numbers.timeoutSeconds,
    bookmarks: isTrue(text('allowWatchBookmarks')),
    initialEvents: isTrue(text('sendInitialEvents')),
    includeObject: include === 'None' || include === 'Object' ? include : 'Metadata',
  });
}

export const isTrue = (text: string): boolean => text === '1' || text === 'true';

export const encodeContinue = ({ revision, namespace, name, given }: Continue): string =>
  Buffer.from(JSON.stringify([revision, namespace, name, given])).toString('base64url');

function decodeContinue(token: string): Continue | 'unreadable' {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(token.slice(0, 2048), 'base64url').toString('utf8'));
    if (!Array.isArray(decoded)) return 'unreadable';
    const [revision, namespace, name, given] = decoded as unknown[];
    if (!Number.isSafeInteger(revision) || !Number.isSafeInteger(given)) return 'unreadable';
    if (typeof namespace !== 'string' || typeof name !== 'string') return 'unreadable';
    return { revision: Number(revision), namespace, name, given: Number(given) };
  } catch {
    return 'unreadable';
  }
}
