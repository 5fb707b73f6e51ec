/**
 * The agent's connections to the control plane: gRPC in bytes, over its Unix socket or over TLS. A new identity or new roots serve calls
 * made from then on; streams that are open stay on their connection until they end.
 */
import { Client, type ClientDuplexStream, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { CONTROL_PLANE_NAME, controlPlaneNameFor } from '@weft/core/agent-api';
import { err, ok, type Result } from '@weft/core/kernel';

export type ControlPlaneAddress =
  | { readonly kind: 'unix'; readonly path: string }
  /** `host:port`. */
  | { readonly kind: 'tls'; readonly address: string };

export interface ClientIdentity {
  readonly certificateChain: string;
  readonly privateKey: string;
}

/** Why a call ended. `refused` and `malformed` will not change by asking again. */
export interface CallError {
  readonly kind: 'refused' | 'malformed' | 'try-later' | 'unreachable';
  readonly message: string;
}

export interface UplinkStream {
  /** Ignored after the end. */
  send(message: Uint8Array): void;
  /** What was sent waits to leave: what can be left out should be. */
  readonly blocked: boolean;
  /** Idempotent; `onEnd` is not called any more. */
  close(): void;
}

export interface UplinkHandlers {
  onMessage(message: Buffer): void;
  /** Called once when the other side or the network ends the stream. */
  onEnd(error: CallError): void;
}

const raw = (message: Buffer): Buffer => message;

const OPTIONS = {
  'grpc.ssl_target_name_override': CONTROL_PLANE_NAME,
  'grpc.default_authority': CONTROL_PLANE_NAME,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5000,
  'grpc.max_receive_message_length': 128 * 1024 * 1024,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
};

/** One channel and the streams on it. */
class Connection {
  readonly client: Client;
  #streams = 0;
  #replaced = false;

  constructor(client: Client) {
    this.client = client;
  }

  opened(): void {
    this.#streams += 1;
  }

  ended(): void {
    this.#streams -= 1;
    this.#closeWhenDone();
  }

  replace(): void {
    this.#replaced = true;
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#replaced && this.#streams === 0) this.client.close();
  }
}

export class ControlPlane {
  readonly #address: ControlPlaneAddress;
  #roots = '';
  #identity: ClientIdentity | undefined;
  /** Called by when the identity is shown. */
  #name = CONTROL_PLANE_NAME;
  /** Without a certificate: Join and Issue work whatever became of the SVID. */
  #anonymous: Connection | undefined;
  #identified: Connection | undefined;

  /** `roots`: PEM; '' on the Unix socket, which needs none. */
  constructor(address: ControlPlaneAddress, roots: string) {
    this.#address = address;
    this.#roots = roots;
  }

  get local(): boolean {
    return this.#address.kind === 'unix';
  }

  setRoots(roots: string): void {
    if (roots === this.#roots) return;
    this.#roots = roots;
    this.#replace();
  }

  /** `trustDomain`: of the identity. */
  setIdentity(identity: ClientIdentity, trustDomain: string): void {
    this.#identity = identity;
    this.#name = controlPlaneNameFor(trustDomain);
    this.#identified?.replace();
    this.#identified = undefined;
  }

  /** Join and Issue: one message each way, at most 10 s. */
  call(path: string, message: object): Promise<Result<unknown, CallError>> {
    this.#anonymous ??= this.#connect(undefined);
    return this.#unary(this.#anonymous, path, message);
  }

  /** As `call`, under the agent's identity. */
  callIdentified(path: string, message: object): Promise<Result<unknown, CallError>> {
    this.#identified ??= this.#connect(this.#identity);
    return this.#unary(this.#identified, path, message);
  }

  #unary(connection: Connection, path: string, message: object): Promise<Result<unknown, CallError>> {
    connection.opened();
    const deadline = Date.now() + 10_000;
    return new Promise((resolve) => {
      connection.client.makeUnaryRequest(
        path,
        raw,
        raw,
        Buffer.from(JSON.stringify(message)),
        { deadline },
        (error, answer) => {
          connection.ended();
          if (error !== null) resolve(err(callError(error)));
          else resolve(parsed(answer ?? Buffer.alloc(0)));
        },
      );
    });
  }

  /** A stream under the agent's identity (on the Unix socket: this user's). */
  open(path: string, handlers: UplinkHandlers): UplinkStream {
    this.#identified ??= this.#connect(this.#identity);
    const connection = this.#identified;
    const stream: ClientDuplexStream<Buffer, Buffer> = connection.client.makeBidiStreamRequest(path, raw, raw);
    connection.opened();
    let over = false;
    const end = (error: CallError | undefined): void => {
      if (over) return;
      over = true;
      connection.ended();
      if (error !== undefined) handlers.onEnd(error);
    };
    stream.on('data', (message: Buffer) => {
      if (!over) handlers.onMessage(message);
    });
    stream.on('error', (error: ServiceError) => end(callError(error)));
    stream.on('end', () => end({ kind: 'unreachable', message: 'the control plane ended the stream' }));
    return {
      get blocked() {
        return stream.writableNeedDrain;
      },
      send: (message) => {
        if (!over) stream.write(Buffer.from(message.buffer, message.byteOffset, message.byteLength));
      },
      close: () => {
        if (over) return;
        end(undefined);
        stream.cancel();
      },
    };
  }

  /** Open streams end with it. */
  close(): void {
    for (const connection of [this.#anonymous, this.#identified]) connection?.client.close();
    this.#anonymous = undefined;
    this.#identified = undefined;
  }

  #replace(): void {
    this.#anonymous?.replace();
    this.#identified?.replace();
    this.#anonymous = undefined;
    this.#identified = undefined;
  }

  #connect(identity: ClientIdentity | undefined): Connection {
    if (this.#address.kind === 'unix')
      return new Connection(new Client(`unix:${this.#address.path}`, credentials.createInsecure(), OPTIONS));
    const channel = credentials.createSsl(
      Buffer.from(this.#roots),
      identity === undefined ? null : Buffer.from(identity.privateKey),
      identity === undefined ? null : Buffer.from(identity.certificateChain),
    );
    const name = identity === undefined ? CONTROL_PLANE_NAME : this.#name;
    return new Connection(
      new Client(this.#address.address, channel, { ...OPTIONS, 'grpc.ssl_target_name_override': name }),
    );
  }
}

const KINDS: ReadonlyMap<status, CallError['kind']> = new Map([
  [status.PERMISSION_DENIED, 'refused'],
  [status.UNAUTHENTICATED, 'refused'],
  [status.INVALID_ARGUMENT, 'malformed'],
  [status.UNIMPLEMENTED, 'malformed'],
]);

function callError(error: ServiceError): CallError {
  const message = `${status[error.code] ?? error.code}: ${error.details}`;
  const known = KINDS.get(error.code);
  if (known !== undefined) return { kind: known, message };
  return { kind: error.details.startsWith('try-later') ? 'try-later' : 'unreachable', message };
}

function parsed(answer: Buffer): Result<unknown, CallError> {
  try {
    return ok(JSON.parse(answer.toString('utf8')));
  } catch {
    return err({ kind: 'malformed', message: 'the answer is not JSON' });
  }
}
