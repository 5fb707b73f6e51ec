/** Pushes into bytes. A whole response is shared by the streams that are in the same state, and forgotten soon after the last of them. */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import {
  assembleDeltaDiscoveryResponse,
  assembleDiscoveryResponse,
  deltaPart,
  stateOfTheWorldPart,
} from '@weft/envoy/discovery';
import { TYPE_URLS } from '../snapshot/index.ts';
import { pushed, type Push } from '../subscription/index.ts';

export interface EncodedResponse {
  readonly bytes: Uint8Array;
  readonly resources: number;
}

/** ms that a response is kept for streams in the same state. They get theirs together, within the seconds that a change takes to reach all. */
const KEPT_MS = 10_000;

export class ResponseEncoder {
  readonly #controlPlane: string;
  readonly #cacheBytes: number;
  readonly #clock: Pick<MonotonicClock, 'after'>;
  readonly #responses = new Map<string, EncodedResponse>();
  #bytes = 0;
  #timer: Timer | undefined;

  /** `controlPlane`: identifier shown in the clients' admin pages. `cacheBytes`: of responses kept. */
  constructor(controlPlane: string, cacheBytes: number, clock: Pick<MonotonicClock, 'after'>) {
    this.#controlPlane = controlPlane;
    this.#cacheBytes = cacheBytes;
    this.#clock = clock;
  }

  /** Octets of responses that are kept. */
  get keptBytes(): number {
    return this.#bytes;
  }

  encode(push: Push): EncodedResponse {
    const known = this.#responses.get(push.key);
    if (known !== undefined) return known;
    const made = this.#assemble(push);
    this.#responses.set(push.key, made);
    this.#bytes += made.bytes.length;
    for (const [key, { bytes }] of this.#responses) {
      if (this.#bytes <= this.#cacheBytes) break;
      this.#responses.delete(key);
      this.#bytes -= bytes.length;
    }
    this.#timer ??= this.#clock.after(KEPT_MS, () => this.#forget());
    return made;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Whoever comes in the same state later has it assembled once more: copying what is encoded already. */
  #forget(): void {
    this.#timer = undefined;
    this.#responses.clear();
    this.#bytes = 0;
  }

  #assemble(push: Push): EncodedResponse {
    const typeUrl = TYPE_URLS[push.type];
    const head = {
      typeUrl,
      versionInfo: push.target.version,
      nonce: push.nonce,
      controlPlane: this.#controlPlane,
    };
    const resources = pushed(push);
    const bytes =
      push.protocol === 'delta'
        ? assembleDeltaDiscoveryResponse(
            head,
            resources.map(({ name, version, body }) => deltaPart(typeUrl, name, version, body)),
            push.removed,
          )
        : assembleDiscoveryResponse(
            head,
            resources.map(({ body }) => stateOfTheWorldPart(typeUrl, body)),
          );
    return { bytes, resources: resources.length };
  }
}
