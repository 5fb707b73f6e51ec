/**
 * The cluster side of TLS: contexts shared by every cluster with the same certificate, roots and parameters (a context costs 0.7 ms to
 * build), and the check of the endpoint's names. New secrets serve new connections; established ones stay.
 */
import type { SecureContext, TLSSocket } from 'node:tls';
import type { UpstreamTransport } from '@weft/core/proxy-config';
import { nodeTls } from '../node-on-demand.ts';
import { contextOptions } from './context.ts';
import { secretNames, type TlsMaterial } from './material.ts';
import { coversHost } from './covers-host.ts';
import { PeerCheck, type PeerVerdict } from './peer.ts';

export type UpstreamTlsConf = Extract<UpstreamTransport, { kind: 'tls' }>;

interface Shared {
  readonly context: SecureContext;
  readonly names: ReadonlySet<string>;
  /** A secret of it changed: build anew at the next use. */
  stale: boolean;
}

const LIMIT = 256;

/** One per engine. */
export class UpstreamContexts {
  readonly #material: TlsMaterial;
  readonly #shared = new Map<string, Shared>();

  readonly #refused: (detail: string) => void;

  /** `refused` is told of a changed secret that cannot be used; the last good context goes on then. */
  constructor(material: TlsMaterial, refused: (detail: string) => void) {
    this.#material = material;
    this.#refused = refused;
    material.onChange((name) => {
      for (const shared of this.#shared.values()) if (shared.names.has(name)) shared.stale = true;
    });
  }

  /** Throws `MissingSecret`, a file error or OpenSSL's while there is no good one. */
  get(conf: UpstreamTlsConf): SecureContext {
    const { certificates, validation, parameters } = conf;
    const key = JSON.stringify([certificates, validation?.trust, validation?.crl, parameters]);
    const known = this.#shared.get(key);
    if (known?.stale === false) return known.context;
    try {
      const options = contextOptions(this.#material, certificates, validation, parameters);
      const context = nodeTls().createSecureContext(options);
      this.#keep(key, { context, names: secretNames(certificates, validation), stale: false });
      return context;
    } catch (error) {
      if (known === undefined) throw error;
      known.stale = false;
      this.#refused(error instanceof Error ? error.message : String(error));
      return known.context;
    }
  }

  #keep(key: string, shared: Shared): void {
    const oldest = this.#shared.keys().next();
    if (this.#shared.size >= LIMIT && oldest.done === false) this.#shared.delete(oldest.value);
    this.#shared.set(key, shared);
  }
}

export class UpstreamTls {
  readonly #conf: UpstreamTlsConf;
  readonly #contexts: UpstreamContexts;
  readonly #check: PeerCheck;

  /** Throws when a matcher does not compile; secrets are asked for at each connection. */
  constructor(conf: UpstreamTlsConf, contexts: UpstreamContexts) {
    this.#conf = conf;
    this.#contexts = contexts;
    this.#check = new PeerCheck(conf.validation, conf.validation !== undefined, 'endpoint');
  }

  /** Options for tls.connect beside the address; `alpn`: instead of the transport's own. Throws as `UpstreamContexts.get`. The chain's verdict is read in `judge`. */
  connectOptions(
    alpn: readonly string[] | undefined,
    serverName: string,
  ): {
    secureContext: SecureContext;
    servername?: string;
    ALPNProtocols?: string[];
    rejectUnauthorized: false;
    checkServerIdentity: () => undefined;
  } {
    const offered = alpn ?? this.#conf.alpnProtocols;
    return {
      secureContext: this.#contexts.get(this.#conf),
      ...(serverName === '' ? {} : { servername: serverName }),
      ...(offered.length === 0 ? {} : { ALPNProtocols: [...offered] }),
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    };
  }

  /** The SNI for an endpoint of that host name; `asked`: what the request says it is, '' nothing. */
  serverName(hostname: string, asked: string): string {
    const { sni, sniFromEndpoint } = this.#conf;
    if (asked !== '') return asked;
    return sniFromEndpoint && hostname !== '' ? hostname : sni;
  }

  /** To be called on 'secureConnect', before anything is sent. `mustName`: a DNS name that the certificate must carry; '' is carried by none. */
  judge(socket: TLSSocket, serverName: string, mustName: string | undefined): PeerVerdict {
    const verdict = this.#check.judge(socket, '');
    if (!verdict.ok) return verdict;
    for (const name of [mustName, this.#conf.sanFromSni ? serverName : undefined])
      if (name !== undefined && !verdict.peer.dnsSans.some((pattern) => coversHost(pattern, name)))
        return { ok: false, reason: 'san-mismatch', detail: `none of the names is ${name}` };
    return verdict;
  }
}
