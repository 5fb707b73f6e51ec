/** The canonical host of a connection's requests: clients repeat theirs, so the last one is remembered with its octets. */
import { canonicalHost } from '@weft/core/decide';
import type { RequestReader } from '@weft/wire/http1';
import type { ManagerContext } from './manager-context.ts';
import { latin1Text } from './octets.ts';

export interface CanonicalHost {
  readonly canonical: string;
  /** With the letters that it was sent in. */
  readonly spelled: string;
  /** It is not what the client sent. */
  readonly changed: boolean;
}

export class LastHost {
  #bytes: Uint8Array | undefined;
  #host: CanonicalHost = { canonical: '', spelled: '', changed: false };

  /** Of the head that the reader has read; `port`: the listener's. */
  of(reader: RequestReader, { manager }: ManagerContext, port: number): CanonicalHost {
    const { bytes } = reader.head;
    const { hostStart: start, hostEnd: end } = reader;
    const last = this.#bytes;
    if (last !== undefined && last.length === end - start) {
      let same = 0;
      while (same < last.length && last[same] === bytes[start + same]) same += 1;
      if (same === last.length) return this.#host;
    }
    const sent = end > start ? latin1Text(bytes, start, end) : manager.http1.defaultHostForHttp10;
    const canonical = canonicalHost(sent, manager, port);
    this.#bytes = bytes.slice(start, end);
    this.#host = { canonical, spelled: sent, changed: end === start || canonical.length !== sent.length };
    return this.#host;
  }
}
