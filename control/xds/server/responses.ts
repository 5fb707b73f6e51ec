/** Pushes into bytes. Each resource's part is encoded once; a whole response is shared by the streams that are in the same state. */
import {
  assembleDeltaDiscoveryResponse,
  assembleDiscoveryResponse,
  deltaPart,
  stateOfTheWorldPart,
} from '@weft/envoy/discovery';
import { TYPE_URLS, type Resource } from '../snapshot/index.ts';
import { pushed, type Push } from '../subscription/index.ts';

export interface EncodedResponse {
  readonly bytes: Uint8Array;
  readonly resources: number;
}

export class ResponseEncoder {
  readonly #controlPlane: string;
  readonly #cacheBytes: number;
  readonly #responses = new Map<string, EncodedResponse>();
  #bytes = 0;
  readonly #parts = new WeakMap<Resource, Uint8Array>();
  readonly #deltaParts = new WeakMap<Resource, Uint8Array>();

  /** `controlPlane`: identifier shown in the clients' admin pages. `cacheBytes`: of responses kept. */
  constructor(controlPlane: string, cacheBytes: number) {
    this.#controlPlane = controlPlane;
    this.#cacheBytes = cacheBytes;
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
    return made;
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
            resources.map((resource) => this.#deltaPart(typeUrl, resource)),
            push.removed,
          )
        : assembleDiscoveryResponse(
            head,
            resources.map((resource) => this.#part(typeUrl, resource)),
          );
    return { bytes, resources: resources.length };
  }

  #part(typeUrl: string, resource: Resource): Uint8Array {
    const part = this.#parts.get(resource) ?? stateOfTheWorldPart(typeUrl, resource.body);
    this.#parts.set(resource, part);
    return part;
  }

  #deltaPart(typeUrl: string, resource: Resource): Uint8Array {
    const { name, version, body } = resource;
    const part = this.#deltaParts.get(resource) ?? deltaPart(typeUrl, name, version, body);
    this.#deltaParts.set(resource, part);
    return part;
  }
}
