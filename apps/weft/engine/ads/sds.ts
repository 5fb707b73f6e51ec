/**
 * Secrets from clusters of their own (envoy.service.secret.v3.SecretDiscoveryService): one stream a cluster, for the names that rows take from
 * it now. Keys are given on and kept nowhere else.
 */
import { formatDiagnostic } from '@weft/core/kernel';
import type { AdsCodec, Question, XdsSecret } from './port.ts';
import type { XdsSession, XdsSpeaker } from './session.ts';
import { StateOfTheWorld } from './subscription.ts';
import { TYPE_URLS } from './types.ts';

export const SDS_STREAM = '/envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets';

export interface SdsOptions {
  readonly codec: AdsCodec;
  readonly onSecret: (name: string, secret: XdsSecret | undefined) => void;
  readonly onRefused: (text: string) => void;
  /** A session for the speaker of that cluster, not started yet. */
  readonly session: (cluster: string, speaker: XdsSpeaker) => XdsSession;
}

class SecretClient implements XdsSpeaker {
  readonly #options: SdsOptions;
  readonly #subscription: StateOfTheWorld<XdsSecret>;
  #send: ((bytes: Uint8Array) => void) | undefined;
  #given: ReadonlyMap<string, XdsSecret> = new Map();
  #sentNode = false;

  constructor(options: SdsOptions) {
    this.#options = options;
    const { codec } = options;
    this.#subscription = new StateOfTheWorld<XdsSecret>({
      typeUrl: TYPE_URLS.secrets,
      wildcard: false,
      decode: codec.secret,
      nameOf: codec.nameOf,
    });
  }

  want(names: readonly string[]): void {
    this.#say(this.#subscription.want(names, this.#send !== undefined));
  }

  opened(send: (bytes: Uint8Array) => void): void {
    this.#send = send;
    this.#sentNode = false;
    this.#say(this.#subscription.open());
  }

  closed(): void {
    this.#send = undefined;
  }

  received(bytes: Uint8Array): void {
    const { codec, onRefused, onSecret } = this.#options;
    const answer = codec.decode(bytes, false);
    if (!answer.ok) {
      for (const fault of answer.error) onRefused(formatDiagnostic(fault));
      return;
    }
    if (answer.value.typeUrl !== TYPE_URLS.secrets) return;
    const faults = this.#subscription.take(answer.value);
    if (faults.length > 0) onRefused(faults.join('\n'));
    this.#say(
      faults.length > 0 ? this.#subscription.refuse(faults.join('\n')) : this.#subscription.acknowledge(answer.value),
    );
    const { rows } = this.#subscription;
    for (const [name, secret] of rows) if (this.#given.get(name) !== secret) onSecret(name, secret);
    this.#given = rows;
  }

  #say(question: Question | undefined): void {
    if (question === undefined || this.#send === undefined) return;
    const withNode = !this.#sentNode;
    this.#sentNode = true;
    this.#send(this.#options.codec.encode({ ...question, withNode }));
  }
}

export class SecretClients {
  readonly #options: SdsOptions;
  readonly #clients = new Map<string, { readonly client: SecretClient; readonly session: XdsSession }>();

  constructor(options: SdsOptions) {
    this.#options = options;
  }

  /** Cluster to the names that are wanted from it now. */
  update(names: ReadonlyMap<string, readonly string[]>): void {
    for (const [cluster, wanted] of names) {
      const known = this.#clients.get(cluster);
      if (known !== undefined) {
        known.client.want(wanted);
        continue;
      }
      const client = new SecretClient(this.#options);
      client.want(wanted);
      const session = this.#options.session(cluster, client);
      this.#clients.set(cluster, { client, session });
      session.start();
    }
    for (const [cluster, { session }] of this.#clients) {
      if (names.has(cluster)) continue;
      session.stop();
      this.#clients.delete(cluster);
    }
  }

  stop(): void {
    for (const { session } of this.#clients.values()) session.stop();
    this.#clients.clear();
  }
}
