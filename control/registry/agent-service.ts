/**
 * The gRPC service weft.agent.v1.Agent: Join, Issue and Attach in JSON over the control plane's gRPC front. Reasons go to `Refusals`; a
 * peer gets one of three generic words; on the Unix socket the reason too.
 */
import { status } from '@grpc/grpc-js';
import {
  AGENT_METHODS,
  type AttachDown,
  LIMITS,
  readAttachUp,
  readIssueRequest,
  readJoinRequest,
  readTokenRequest,
} from '@weft/core/agent-api';
import { type Diagnostic, err, formatDiagnostic, ok, type Result } from '@weft/core/kernel';
import {
  type Authorities,
  type CallOrigin,
  type Credentials,
  type Refusal,
  type RefusalReason,
  type Refusals,
  WIRE_ANSWER,
} from '../authority/index.ts';
import type { CallFailure, GrpcMethod, Peer, ServerStream, UnaryAnswer } from '../server/index.ts';
import { peerAddress } from '../server/index.ts';
import { AttachSession } from './attach-session.ts';
import type { Registry } from './registry.ts';

export interface AgentServiceOptions {
  readonly authorities: Authorities;
  readonly credentials: Credentials;
  readonly registry: Registry;
  readonly refusals: Refusals;
}

const CODES = {
  refused: status.PERMISSION_DENIED,
  malformed: status.INVALID_ARGUMENT,
  'try-later': status.UNAVAILABLE,
} as const;

/** `told`: the reason goes with it. For peers on the Unix socket alone: they are this user, who may read the log as well. */
export function callFailure(reason: RefusalReason, told = false): CallFailure {
  const answer = WIRE_ANSWER[reason];
  return { code: CODES[answer], message: told && answer !== 'malformed' ? `${answer}: ${reason}` : answer };
}

const identityOfPeer = (peer: Peer): string => (peer.kind === 'tls' ? (peer.identity?.spiffeId ?? '') : '');

/** To be listed among the gRPC methods of a ControlServer. */
export function agentMethods(options: AgentServiceOptions): readonly GrpcMethod[] {
  const { credentials, refusals } = options;
  const refuse = (operation: Refusal['operation'], peer: Peer, reason: RefusalReason, detail: string): CallFailure => {
    refusals.add({ reason, operation, peer: peerAddress(peer), identity: identityOfPeer(peer), detail });
    return callFailure(reason, peer.kind === 'local');
  };
  const unary =
    <T, R>(
      operation: 'join' | 'issue' | 'token',
      read: (value: unknown) => Result<T, readonly Diagnostic[]>,
      answer: (request: T, peer: Peer) => Promise<Result<R, RefusalReason>>,
      detail: (request: T) => string,
    ) =>
    async (message: Uint8Array, peer: Peer): Promise<UnaryAnswer> => {
      const request = parse(message, read);
      if (!request.ok) return err(refuse(operation, peer, 'message-malformed', request.error));
      const result = await answer(request.value, peer);
      if (!result.ok) return err(refuse(operation, peer, result.error, detail(request.value)));
      return ok(jsonBytes(result.value));
    };
  return [
    {
      kind: 'unary',
      path: AGENT_METHODS.join,
      handle: unary(
        'join',
        readJoinRequest,
        (request, peer) => credentials.join(request, originOf(peer)),
        ({ namespace, account, token }) => `${namespace}/${account} token ${token?.id ?? 'none'}`,
      ),
    },
    {
      kind: 'unary',
      path: AGENT_METHODS.issue,
      handle: unary(
        'issue',
        readIssueRequest,
        (request, peer) => credentials.issue(request, originOf(peer)),
        ({ registration }) => `registration ${registration}`,
      ),
    },
    {
      kind: 'unary',
      path: AGENT_METHODS.token,
      handle: unary(
        'token',
        readTokenRequest,
        (request, peer) =>
          credentials.token(request, {
            registration: peer.kind === 'tls' ? peer.identity?.registration : undefined,
            origin: originOf(peer),
          }),
        ({ registration }) => `registration ${registration}`,
      ),
    },
    {
      kind: 'stream',
      path: AGENT_METHODS.attach,
      handle: (stream) =>
        serveAttach(stream, options, (reason, detail) => refuse('attach', stream.peer, reason, detail)),
    },
  ];
}

function serveAttach(
  stream: ServerStream,
  options: AgentServiceOptions,
  refuse: (reason: RefusalReason, detail: string) => CallFailure,
): void {
  const { peer } = stream;
  // A peer that could not say who it is need not be heard: it would only hold a stream open.
  if (peer.kind === 'tls' && peer.identity === undefined) {
    stream.end(refuse(peer.refusal === '' ? 'identity-missing' : 'certificate-refused', peer.refusal));
    return;
  }
  const session = new AttachSession(peer, options, {
    send: (message: AttachDown) => void stream.write(jsonBytes(message)),
    refuse: (reason, detail) => stream.end(refuse(reason, detail)),
    end: () => stream.end(),
  });
  stream.onMessage((bytes) => {
    const message = parse(bytes, readAttachUp);
    if (message.ok) session.receive(message.value);
    else stream.end(refuse('message-malformed', message.error));
  });
  stream.onEnd(() => session.lost());
}

/** The address without its port: what a rate limit counts by. */
function originOf(peer: Peer): CallOrigin {
  if (peer.kind === 'local') return peer;
  return { kind: 'tls', address: peer.address.slice(0, peer.address.lastIndexOf(':')) };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function parse<T>(bytes: Uint8Array, read: (value: unknown) => Result<T, readonly Diagnostic[]>): Result<T, string> {
  if (bytes.length > LIMITS.messageBytes) return err(`${bytes.length} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch {
    return err('not JSON');
  }
  const result = read(value);
  return result.ok ? result : err(result.error.slice(0, 3).map(formatDiagnostic).join('; '));
}

const jsonBytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
