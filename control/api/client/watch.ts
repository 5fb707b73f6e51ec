/**
 * Follows the objects of a kind for as long as it is open: what there is, then each change. Goes on by itself after a broken connection
 * (from the last revision seen) and after a 410 (lists again and tells what changed meanwhile).
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import { isJsonObject, type JsonObject } from '../patch/merge-patch.ts';
import type { ClientError, Request, Transport } from './transport.ts';

export interface WatchListener {
  /** `object` as the API gives it. */
  event(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: JsonObject): void;
  /** Everything there was at the start has been told; called once. */
  synced?(): void;
  /** Told each time the connection is lost or refused; the watch goes on unless `code` is `refused` with 401, 403 or 404. */
  lost?(error: ClientError): void;
}

/** ms until the first try after a loss, doubled up to the second. */
const RETRY = [100, 5000] as const;
const FINAL = [400, 401, 403, 404];

export class ApiWatch {
  readonly #transport: Transport;
  readonly #request: Request;
  readonly #listener: WatchListener;
  readonly #clock: MonotonicClock;
  readonly #known = new Map<string, JsonObject>();
  #revision = '';
  #wait: number = RETRY[0];
  #end: (() => void) | undefined;
  #timer: Timer | undefined;
  #closed = false;
  #synced = false;

  constructor(transport: Transport, request: Request, listener: WatchListener, clock: MonotonicClock) {
    this.#transport = transport;
    this.#request = request;
    this.#listener = listener;
    this.#clock = clock;
  }

  start(): void {
    void this.#list();
  }

  /** Idempotent; no call of the listener after it. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#end?.();
  }

  async #list(): Promise<void> {
    const listed = await this.#transport.send(this.#request);
    if (this.#closed) return;
    if (!listed.ok) return this.#again(listed.error, () => void this.#list());
    const { items, metadata } = isJsonObject(listed.value.body) ? listed.value.body : {};
    const body = listed.value.body;
    const shared = isJsonObject(body)
      ? { apiVersion: body['apiVersion'] ?? '', kind: String(body['kind']).replace(/List$/, '') }
      : {};
    const seen = new Set<string>();
    for (const item of Array.isArray(items) ? items : []) {
      if (!isJsonObject(item)) continue;
      const object = { ...shared, ...item };
      seen.add(uidOf(object));
      this.#tell(this.#known.has(uidOf(object)) ? 'MODIFIED' : 'ADDED', object);
    }
    for (const [uid, object] of this.#known) if (!seen.has(uid)) this.#tell('DELETED', object);
    this.#revision = isJsonObject(metadata) ? String(metadata['resourceVersion']) : '';
    if (!this.#synced) this.#listener.synced?.();
    this.#synced = true;
    this.#wait = RETRY[0];
    this.#follow();
  }

  #follow(): void {
    if (this.#closed) return;
    let relist = false;
    const query = { ...this.#request.query, watch: '1', allowWatchBookmarks: 'true', resourceVersion: this.#revision };
    this.#end = this.#transport.lines(
      { ...this.#request, query },
      (line) => {
        const event: unknown = JSON.parse(line);
        if (!isJsonObject(event) || !isJsonObject(event['object'])) return;
        const { type, object } = event;
        if (type === 'ERROR') {
          relist = true;
          return;
        }
        const { metadata } = object;
        if (isJsonObject(metadata)) this.#revision = String(metadata['resourceVersion']);
        this.#wait = RETRY[0];
        if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') this.#tell(type, object);
      },
      (error) => {
        if (this.#closed) return;
        const gone = relist || (error?.code === 'refused' && error.status.code === 410);
        const next = gone ? () => void this.#list() : () => this.#follow();
        if (error === undefined || gone) this.#timer = this.#clock.after(gone ? 0 : RETRY[0], next);
        else this.#again(error, next);
      },
    );
  }

  #again(error: ClientError, next: () => void): void {
    this.#listener.lost?.(error);
    if (error.code === 'refused' && FINAL.includes(error.status.code)) return;
    this.#timer = this.#clock.after(this.#wait, next);
    this.#wait = Math.min(this.#wait * 2, RETRY[1]);
  }

  /** Tells an object that is as it was only once. */
  #tell(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: JsonObject): void {
    const uid = uidOf(object);
    const before = this.#known.get(uid);
    if (type === 'DELETED') this.#known.delete(uid);
    else {
      if (before !== undefined && revisionOf(before) === revisionOf(object)) return;
      this.#known.set(uid, object);
    }
    if (!this.#closed) this.#listener.event(type, object);
  }
}

const metadataOf = (object: JsonObject): JsonObject => (isJsonObject(object['metadata']) ? object['metadata'] : {});
const uidOf = (object: JsonObject): string => String(metadataOf(object)['uid']);
const revisionOf = (object: JsonObject): string => String(metadataOf(object)['resourceVersion']);
