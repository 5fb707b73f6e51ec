/**
 * Requests out of bytes. Streams in the same state send the same bytes (an ACK repeats hundreds of names), so the last few are kept
 * decoded: a comparison of bytes then stands for decoding.
 */
import { err, formatDiagnostic, ok, type Diagnostic, type Result } from '@weft/core/kernel';
import { decodeDeltaDiscoveryRequest, decodeDiscoveryRequest, type NodeClaims } from '@weft/envoy/discovery';
import type { DeltaRequest, Protocol, StateOfTheWorldRequest } from '../subscription/index.ts';
import type { XdsLimits } from './limits.ts';

interface Common {
  readonly typeUrl: string;
  readonly node: NodeClaims | undefined;
}

export type Request =
  | (Common & { readonly protocol: 'state-of-the-world'; readonly body: StateOfTheWorldRequest })
  | (Common & { readonly protocol: 'delta'; readonly body: DeltaRequest });

interface Kept {
  readonly bytes: Buffer;
  readonly request: Request;
}

/** Kept of one length and protocol, and lengths in all. */
const OF_ONE_LENGTH = 4;
const LENGTHS = 128;
/** Shorter requests are decoded as fast as they are compared. */
const WORTHWHILE = 256;
const LONGEST_KEPT = 128 * 1024;

export class RequestReader {
  readonly #limits: XdsLimits;
  readonly #kept = new Map<string, Kept[]>();

  constructor(limits: XdsLimits) {
    this.#limits = limits;
  }

  read(protocol: Protocol, bytes: Uint8Array): Result<Request, string> {
    if (bytes.length > this.#limits.requestBytes) return err(`request of ${bytes.length} bytes`);
    const worthwhile = bytes.length >= WORTHWHILE && bytes.length <= LONGEST_KEPT;
    const key = `${protocol} ${bytes.length}`;
    if (worthwhile) {
      const same = this.#kept.get(key)?.find((each) => each.bytes.compare(bytes) === 0);
      if (same !== undefined) return ok(same.request);
    }
    const request = protocol === 'delta' ? readDelta(bytes) : readStateOfTheWorld(bytes);
    if (!request.ok) return err(request.error.map(formatDiagnostic).join('; '));
    const fault = this.#fault(request.value);
    if (fault !== undefined) return err(fault);
    if (worthwhile && request.value.node === undefined) this.#keep(key, bytes, request.value);
    return request;
  }

  #keep(key: string, bytes: Uint8Array, request: Request): void {
    const list = this.#kept.get(key) ?? [];
    list.unshift({ bytes: Buffer.from(bytes), request });
    if (list.length > OF_ONE_LENGTH) list.pop();
    this.#kept.delete(key);
    this.#kept.set(key, list);
    if (this.#kept.size > LENGTHS) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
  }

  #fault({ protocol, body }: Request): string | undefined {
    const names =
      protocol === 'delta' ? [...body.subscribe, ...body.unsubscribe, ...body.initialVersions.keys()] : body.names;
    if (names.length > this.#limits.names) return `${names.length} resource names in a request`;
    const long = names.find((name) => name.length > this.#limits.nameLength);
    return long === undefined ? undefined : `a resource name of ${long.length} characters`;
  }
}

function readStateOfTheWorld(bytes: Uint8Array): Result<Request, readonly Diagnostic[]> {
  const read = decodeDiscoveryRequest(bytes);
  if (!read.ok) return read;
  const { typeUrl, versionInfo, responseNonce, resourceNames, node, error } = read.value;
  const body = { version: versionInfo, names: resourceNames, nonce: responseNonce, error: error?.message };
  return ok({ protocol: 'state-of-the-world', typeUrl, node, body });
}

function readDelta(bytes: Uint8Array): Result<Request, readonly Diagnostic[]> {
  const read = decodeDeltaDiscoveryRequest(bytes);
  if (!read.ok) return read;
  const { typeUrl, responseNonce, subscribe, unsubscribe, initialVersions, node, error } = read.value;
  const body = { subscribe, unsubscribe, initialVersions, nonce: responseNonce, error: error?.message };
  return ok({ protocol: 'delta', typeUrl, node, body });
}
