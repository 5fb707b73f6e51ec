/**
 * grpc-js on connections that were accepted elsewhere. A server each, with the same services, for TLS with an identity, TLS without one and
 * the Unix socket, so that where a call came from is a fact of the server that got it and nothing a caller writes can change it.
 */
import type { Duplex } from 'node:stream';
import {
  type ConnectionInjector,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  status,
} from '@grpc/grpc-js';
import { LIMITS } from '@weft/core/agent-api';
import type { Peer } from './peer.ts';

/** What a call ends with. `message` travels: a generic word, never a reason. */
export interface CallFailure {
  readonly code: status;
  readonly message: string;
}

export type UnaryAnswer =
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly error: CallFailure };

/** One open stream of a caller, as a service sees it. */
export interface ServerStream {
  readonly peer: Peer;
  /**
   * False when the caller reads slower than we write: wait for `onDrain` before the next large message. `flushed` is called when the
   * message has left this process, or never will.
   */
  write(message: Uint8Array, flushed?: () => void): boolean;
  /** Ends the call: with OK, or with a failure. Idempotent. */
  end(failure?: CallFailure): void;
  onMessage(listener: (message: Uint8Array) => void): void;
  onDrain(listener: () => void): void;
  /** Called once, however the stream ends. That the caller finished its side looks the same as that it is gone. */
  onEnd(listener: () => void): void;
}

/** A method of a service, in bytes: whoever implements it encodes and decodes. */
export type GrpcMethod =
  | { readonly kind: 'unary'; readonly path: string; handle(message: Uint8Array, peer: Peer): Promise<UnaryAnswer> }
  | { readonly kind: 'stream'; readonly path: string; handle(stream: ServerStream): void };

const raw = (message: Buffer): Buffer => message;
const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const OPTIONS = {
  'grpc.max_receive_message_length': 4 * 1024 * 1024,
  'grpc.max_send_message_length': -1,
  'grpc.max_concurrent_streams': 256,
  // A peer that is gone without a word (cable pulled) is noticed in 15 s.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5000,
  'grpc.enable_channelz': 0,
};

/** For who has not said who it is: Join and Issue are one short message each. */
const STRANGER = {
  ...OPTIONS,
  'grpc.max_receive_message_length': LIMITS.messageBytes,
  'grpc.max_concurrent_streams': 16,
  // They come back for a renewal; till then their place is free for others.
  'grpc.max_connection_idle_ms': 10_000,
};

/** Whose calls a front gets. */
export type Callers = 'local' | 'identified' | 'stranger';

export class GrpcFront {
  readonly #server: Server;
  readonly #injector: ConnectionInjector;
  readonly #callers: Callers;
  /** Peers by connection, for calls of the TLS server. */
  readonly #peers = new Map<string, Peer>();

  constructor(methods: readonly GrpcMethod[], callers: Callers) {
    this.#callers = callers;
    this.#server = new Server(callers === 'stranger' ? STRANGER : OPTIONS);
    for (const method of methods) {
      if (method.kind === 'unary') this.#server.register(method.path, this.#unary(method), raw, raw, 'unary');
      else this.#server.register(method.path, this.#stream(method), raw, raw, 'bidi');
    }
    this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  /**
   * Takes over a connection whose next bytes are the HTTP/2 preface. A call names its connection by the client's address and port alone, so
   * a second one with both (it came to another address of ours) is closed: no call must be taken for another client's.
   */
  accept(connection: Duplex, peer: Peer): void {
    if (peer.kind === 'tls') {
      if (this.#peers.has(peer.address)) {
        connection.destroy();
        return;
      }
      this.#peers.set(peer.address, peer);
      connection.once('close', () => this.#peers.delete(peer.address));
    }
    this.#injector.injectConnection(connection);
  }

  /** Tells every client to go (GOAWAY) and cancels what is left after `graceMs`. Its connections are closed by who accepted them. */
  drain(graceMs: number): void {
    this.#injector.drain(graceMs);
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  #peer(call: { getPeer(): string }): Peer {
    if (this.#callers === 'local') return { kind: 'local' };
    const address = call.getPeer();
    return this.#peers.get(address) ?? { kind: 'tls', address, identity: undefined, refusal: 'unknown connection' };
  }

  #unary(method: Extract<GrpcMethod, { kind: 'unary' }>): handleUnaryCall<Buffer, Buffer> {
    return (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
      method.handle(call.request, this.#peer(call)).then(
        (answer) => {
          if (answer.ok) callback(null, toBuffer(answer.value));
          else callback({ code: answer.error.code, details: answer.error.message });
        },
        () => callback({ code: status.INTERNAL, details: 'internal' }),
      );
    };
  }

  #stream(method: Extract<GrpcMethod, { kind: 'stream' }>): handleBidiStreamingCall<Buffer, Buffer> {
    return (call: ServerDuplexStream<Buffer, Buffer>) => method.handle(serverStream(call, this.#peer(call)));
  }
}

function serverStream(call: ServerDuplexStream<Buffer, Buffer>, peer: Peer): ServerStream {
  let over = false;
  const enders: (() => void)[] = [];
  const finish = (): void => {
    if (over) return;
    over = true;
    for (const listener of enders) listener();
  };
  call.on('error', finish);
  call.on('cancelled', finish);
  call.on('close', finish);
  call.on('finish', finish);
  call.on('end', () => {
    if (!over) call.end();
  });
  return {
    peer,
    write: (message, flushed) => over || call.write(toBuffer(message), flushed),
    end: (failure) => {
      if (over) return;
      if (failure === undefined) call.end();
      else call.emit('error', { code: failure.code, details: failure.message, metadata: new Metadata() });
      finish();
    },
    onMessage: (listener) => void call.on('data', listener),
    onDrain: (listener) => void call.on('drain', listener),
    onEnd: (listener) => void (over ? listener() : enders.push(listener)),
  };
}
