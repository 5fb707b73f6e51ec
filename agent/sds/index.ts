/**
 * Secret discovery (envoy.service.secret.v3, state of the world) for one local stream: the names it asked for, answered from `Secrets` as
 * soon as they are there, again at every change. A name that is not there is left out: Envoy waits for it, as it should.
 */
import { writeMessage } from '@weft/envoy/codec';
import {
  assembleDiscoveryResponse,
  type DiscoveryRequest,
  SECRET_TYPE,
  stateOfTheWorldPart,
} from '@weft/envoy/discovery';
import { createHash } from 'node:crypto';
import type { Secret, Secrets } from '../secrets/index.ts';
import { SYSTEM_ROOTS } from '@weft/core/agent-api';

const SECRET = 'envoy.extensions.transport_sockets.tls.v3.Secret';

/** A Secret message. Holds a key when `secret` does: for the stream only. */
export function encodeSecret(name: string, secret: Secret): Uint8Array {
  if (secret.kind === 'roots')
    return writeMessage(SECRET, { name, validation_context: { trusted_ca: { inline_string: secret.roots } } });
  return writeMessage(SECRET, {
    name,
    tls_certificate: {
      certificate_chain: { inline_string: secret.certificateChain },
      private_key: { inline_string: secret.privateKey },
    },
  });
}

/** Names one stream may ask for. */
const MAX_NAMES = 100;

export class SdsSession {
  readonly #secrets: Secrets;
  readonly #send: (response: Uint8Array) => void;
  readonly #onRejected: (message: string) => void;
  readonly #subscription: { close(): void };
  #names: readonly string[] = [];
  #sentVersion = '';
  #nonce = 0;

  constructor(secrets: Secrets, send: (response: Uint8Array) => void, onRejected: (message: string) => void) {
    this.#secrets = secrets;
    this.#send = send;
    this.#onRejected = onRejected;
    this.#subscription = secrets.subscribe((name) => {
      if (this.#names.includes(name)) this.#answer();
    });
  }

  /** A request, an ACK or a NACK. Only the first two can change the names. */
  receive(request: DiscoveryRequest): void {
    if (request.error !== undefined) this.#onRejected(request.error.message);
    if (request.responseNonce !== '' && request.responseNonce !== String(this.#nonce)) return;
    // What it was sent last is in use: Envoy answers once it has applied it.
    if (request.error === undefined && request.responseNonce === String(this.#nonce)) this.#secrets.settled(this);
    this.#names = request.resourceNames.slice(0, MAX_NAMES);
    if (this.#names.includes(SYSTEM_ROOTS)) this.#secrets.openSystemRoots();
    this.#answer();
  }

  close(): void {
    this.#subscription.close();
    this.#secrets.settled(this);
  }

  #answer(): void {
    const found = this.#names.flatMap((name) => {
      const held = this.#secrets.get(name);
      return held === undefined ? [] : [{ name, ...held }];
    });
    const version = createHash('sha256')
      .update(JSON.stringify(found.map(({ name, version: own }) => [name, own])))
      .digest('hex')
      .slice(0, 16);
    if (version === this.#sentVersion) return;
    this.#sentVersion = version;
    if (found.length === 0) return;
    this.#nonce += 1;
    if (found.some(({ secret }) => secret.kind === 'roots')) this.#secrets.unsettled(this);
    this.#send(
      assembleDiscoveryResponse(
        { typeUrl: SECRET_TYPE, versionInfo: version, nonce: String(this.#nonce) },
        found.map(({ name, secret }) => stateOfTheWorldPart(SECRET_TYPE, encodeSecret(name, secret))),
      ),
    );
  }
}
