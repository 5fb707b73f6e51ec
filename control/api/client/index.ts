/** The API's client: what the commands use, over the Unix socket of a data folder or over TLS with a token. */
import type { ClientRequest, OutgoingHttpHeaders } from 'node:http';
import { err, ok, type MonotonicClock, type Result } from '@weft/core/kernel';
import { type AnyKind, apiPathOf, type Origin } from '@weft/core/resources';
import { isJsonObject, type JsonObject } from '../patch/merge-patch.ts';
import { applied, sameToUser, withLastApplied } from './apply.ts';
import { type ClientError, type Endpoint, type Response, Transport } from './transport.ts';
import { ApiWatch, type WatchListener } from './watch.ts';

export { applied, LAST_APPLIED, withLastApplied } from './apply.ts';
export type { Json, JsonObject } from '../patch/merge-patch.ts';
export type { ClientError, Endpoint } from './transport.ts';
export type { ApiWatch, WatchListener } from './watch.ts';

/** Names an object. `namespace` is ignored for cluster-scoped kinds. */
export interface Name {
  readonly kind: AnyKind;
  /** A served version; the preferred one by default. */
  readonly version?: string | undefined;
  readonly namespace: string;
  readonly name: string;
}

export interface ListQuery {
  readonly kind: AnyKind;
  readonly version?: string | undefined;
  /** '' or undefined: all namespaces. */
  readonly namespace?: string | undefined;
  /** Only the object of this name. */
  readonly name?: string | undefined;
  readonly labelSelector?: string | undefined;
}

export interface WriteQuery {
  readonly dryRun?: boolean | undefined;
  /** The text the object comes from. */
  readonly origin?: Origin | undefined;
  /** It is written though an Invariant breaks: who asks has looked at the change as a whole. */
  readonly breakInvariants?: boolean | undefined;
}

export interface WrittenObject {
  readonly object: JsonObject;
  readonly warnings: readonly string[];
}

export interface Applied extends WrittenObject {
  readonly outcome: 'created' | 'configured' | 'unchanged';
}

/** One entry of `history`. `before` is there in the first one only: of the others it is `after` of the one in front. */
export interface HistoryItem {
  readonly revision: number;
  /** RFC 3339 */
  readonly time: string;
  readonly author: string;
  readonly zone: string;
  readonly operation: 'create' | 'update' | 'delete';
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

const ORIGIN_TYPE = 'application/weft-origin+json';
const TRIES = 5;

type Answer<T> = Promise<Result<T, ClientError>>;

export class ApiClient {
  readonly #transport: Transport;
  readonly #clock: MonotonicClock;

  /** `clock` times the retries of watches. */
  constructor(endpoint: Endpoint, clock: MonotonicClock) {
    this.#transport = new Transport(endpoint);
    this.#clock = clock;
  }

  /** Closes idle connections. */
  close(): void {
    this.#transport.close();
  }

  get(name: Name): Answer<JsonObject> {
    return this.#object('GET', pathOf(name));
  }

  /** Items without apiVersion and kind of their own get the list's. */
  async list(query: ListQuery): Answer<{ readonly items: readonly JsonObject[]; readonly resourceVersion: string }> {
    const answer = await this.#object('GET', listPath(query), { query: listQuery(query) });
    if (!answer.ok) return answer;
    const { items, metadata } = answer.value;
    const objects = Array.isArray(items) ? items.filter(isJsonObject) : [];
    return ok({ items: objects, resourceVersion: isJsonObject(metadata) ? String(metadata['resourceVersion']) : '' });
  }

  /** meta.v1.Table of the objects: headings and cells as the server prints them. */
  table(query: ListQuery): Answer<JsonObject> {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    return this.#object('GET', listPath(query), { query: listQuery(query), accept });
  }

  /** `object` must name its namespace. */
  async create(name: Name, object: JsonObject, write: WriteQuery = {}): Answer<WrittenObject> {
    return this.#write('POST', listPath(name), object, write);
  }

  /** With metadata.resourceVersion only if that is the present one. */
  async replace(name: Name, object: JsonObject, write: WriteQuery = {}): Answer<WrittenObject> {
    return this.#write('PUT', pathOf(name), object, write);
  }

  /** Makes the object what `wished` says, as `kubectl apply` does; fields that others set stay. */
  async apply(name: Name, wished: JsonObject, write: WriteQuery = {}): Answer<Applied> {
    for (let tries = 1; ; tries += 1) {
      const live = await this.get(name);
      if (!live.ok && !isRefusal(live.error, 404)) return live;
      const written = live.ok
        ? await this.replace(name, applied(live.value, wished), write)
        : await this.create(name, withLastApplied(wished), write);
      if (!written.ok) {
        if (isRefusal(written.error, 409) && tries < TRIES) continue;
        return written;
      }
      const outcome = !live.ok ? 'created' : sameToUser(live.value, written.value.object) ? 'unchanged' : 'configured';
      return ok({ ...written.value, outcome });
    }
  }

  /** RFC 7386. */
  async patch(
    name: Name,
    patch: JsonObject,
    write: { readonly dryRun?: boolean; readonly status?: boolean } = {},
  ): Answer<WrittenObject> {
    const type = 'application/merge-patch+json';
    const path = `${pathOf(name)}${write.status === true ? '/status' : ''}`;
    return this.#sendObject({ method: 'PATCH', path, body: patch, type, query: writeQuery(write) });
  }

  async delete(name: Name, write: { readonly dryRun?: boolean } = {}): Answer<void> {
    const answer = await this.#transport.send({ method: 'DELETE', path: pathOf(name), query: writeQuery(write) });
    return answer.ok ? ok(undefined) : answer;
  }

  /** Follows objects until `close`. */
  watch(query: ListQuery, listener: WatchListener): ApiWatch {
    const request = { method: 'GET', path: listPath(query), query: listQuery(query) };
    const watch = new ApiWatch(this.#transport, request, listener, this.#clock);
    watch.start();
    return watch;
  }

  /** Changes of one object still in the log, oldest first; of a deleted one too. */
  async history(name: Name): Answer<readonly HistoryItem[]> {
    const answer = await this.#object('GET', `${pathOf(name)}/history`);
    if (!answer.ok) return answer;
    const { items } = answer.value;
    return ok((Array.isArray(items) ? items : []) as unknown as readonly HistoryItem[]);
  }

  async rollback(name: Name, revision: number, write: { readonly dryRun?: boolean } = {}): Answer<WrittenObject> {
    const path = `${pathOf(name)}/rollback`;
    return this.#sendObject({ method: 'POST', path, body: { revision }, query: writeQuery(write) });
  }

  /** The text it was applied from; undefined when nobody told. */
  async origin(name: Name): Answer<Origin | undefined> {
    const answer = await this.#object('GET', `${pathOf(name)}/origin`);
    if (!answer.ok) return isRefusal(answer.error, 404) ? ok(undefined) : answer;
    const { file, firstLine, text } = answer.value;
    return ok({ file: String(file), firstLine: Number(firstLine), text: String(text) });
  }

  /** Paths below `/weft/v1/`. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Answer<JsonObject> {
    return this.#object(method, path, body === undefined ? {} : { body });
  }

  /** An answer that comes line by line, without an end of its own; the returned function ends it. */
  lines(path: string, onLine: (line: string) => void, onEnd: (error: ClientError | undefined) => void): () => void {
    return this.#transport.lines({ method: 'GET', path }, onLine, onEnd);
  }

  /** A request of any path, for whoever hands requests on: the credentials are added, body and answer are the caller's. */
  open(method: string, target: string, headers: OutgoingHttpHeaders): ClientRequest {
    return this.#transport.open(method, target, headers);
  }

  /** version.Info; also the way to see whether a control plane is there. */
  version(): Answer<JsonObject> {
    return this.#object('GET', '/version');
  }

  async #object(
    method: string,
    path: string,
    more: { query?: Readonly<Record<string, string>>; accept?: string; body?: unknown } = {},
  ): Answer<JsonObject> {
    const answer = await this.#transport.send({ method, path, ...more });
    return answer.ok ? asObject(answer.value) : answer;
  }

  #write(method: string, path: string, object: JsonObject, { origin, ...write }: WriteQuery): Answer<WrittenObject> {
    const query = writeQuery(write);
    if (origin === undefined) return this.#sendObject({ method, path, body: object, query });
    return this.#sendObject({ method, path, body: { origin, object }, type: ORIGIN_TYPE, query });
  }

  async #sendObject(request: Parameters<Transport['send']>[0]): Answer<WrittenObject> {
    const answer = await this.#transport.send(request);
    if (!answer.ok) return answer;
    const object = asObject(answer.value);
    return object.ok ? ok({ object: object.value, warnings: answer.value.warnings }) : object;
  }
}

/** Whether the server refused with this status code. */
export const isRefusal = (error: ClientError, code: number): boolean =>
  error.code === 'refused' && error.status.code === code;

const writeQuery = ({
  dryRun,
  breakInvariants,
}: Pick<WriteQuery, 'dryRun' | 'breakInvariants'>): Readonly<Record<string, string>> => ({
  ...(dryRun === true ? { dryRun: 'All' } : {}),
  ...(breakInvariants === true ? { breakInvariants: 'true' } : {}),
});

function asObject({ body }: Response): Result<JsonObject, ClientError> {
  return isJsonObject(body)
    ? ok(body)
    : err({ code: 'unreachable', message: 'the answer is not an object: this is no API of Weft' });
}

function listPath({
  kind,
  version = kind.versions[0],
  namespace = '',
}: {
  kind: AnyKind;
  version?: string | undefined;
  namespace?: string | undefined;
}): string {
  const inNamespace =
    kind.scope === 'Namespaced' && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${apiPathOf(kind.group, version)}${inNamespace}/${kind.plural}`;
}

const pathOf = (name: Name): string => `${listPath(name)}/${encodeURIComponent(name.name)}`;

function listQuery({ name, labelSelector }: ListQuery): Readonly<Record<string, string>> {
  return {
    ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
}
