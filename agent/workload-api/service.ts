/**
 * The SPIFFE Workload API (SPIFFE Workload API, 4 to 6) for the processes of one workload, on the agent's socket: X.509-SVID, JWT-SVIDs and
 * bundles, again at every change. Who may reach the socket is said by its folder (mode 0700); a call without the security header is refused.
 */
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Metadata,
  type Server,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { OWN_SECRET, type TokenResponse, type TrustBundleMessage } from '@weft/core/agent-api';
import type { Result } from '@weft/core/kernel';
import { writeMessage } from '@weft/envoy/codec';
import type { JsonObject } from '@weft/envoy/tables';
import type { CallError } from '../control-plane/index.ts';
import type { Secrets } from '../secrets/index.ts';
import {
  decodeJwtRequest,
  decodeValidateRequest,
  encodeJwtBundles,
  encodeJwtResponse,
  encodeValidateResponse,
  encodeX509Bundles,
  encodeX509Response,
  SECURITY_HEADER,
  WORKLOAD_API,
} from './messages.ts';

/** Port: verifies a JWT-SVID (SPIFFE JWT-SVID, 4 and 5). `jwks`: JWK set by trust domain. The error is a phrase for a person. */
export type TokenVerifier = (
  token: string,
  audience: string,
  jwks: ReadonlyMap<string, string>,
) => Promise<Result<{ readonly spiffeId: string; readonly claims: Readonly<Record<string, unknown>> }, string>>;

export interface WorkloadApiOptions {
  readonly secrets: Secrets;
  /** Of this workload; undefined before it has joined. */
  readonly spiffeId: () => string | undefined;
  readonly issueToken: (audience: readonly string[]) => Promise<Result<TokenResponse, CallError>>;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly verify: TokenVerifier | undefined;
}

interface Failure {
  readonly code: status;
  readonly details: string;
}

type StreamCall = ServerWritableStream<Buffer, Buffer>;

const raw = (message: Buffer): Buffer => message;
const invalid = (details: string): Failure => ({ code: status.INVALID_ARGUMENT, details });

const NO_HEADER = invalid(`metadata ${SECURITY_HEADER}: true is missing`);

function refused(metadata: Metadata): Failure | undefined {
  const values = metadata.get(SECURITY_HEADER);
  return values.length === 1 && values[0] === 'true' ? undefined : NO_HEADER;
}

/** Adds the API's methods to `server`. */
export function serveWorkloadApi(server: Server, options: WorkloadApiOptions): void {
  const { secrets, spiffeId } = options;
  const tokens = new TokenCache(options);
  const svids = streaming(options, (bundle) => {
    const own = secrets.get(OWN_SECRET)?.secret;
    const id = spiffeId();
    return own?.kind !== 'certificate' || id === undefined
      ? undefined
      : encodeX509Response({ spiffeId: id, ...own }, bundle);
  });
  server.register(WORKLOAD_API.fetchX509Svid, svids, raw, raw, 'serverStream');
  server.register(WORKLOAD_API.fetchX509Bundles, streaming(options, encodeX509Bundles), raw, raw, 'serverStream');
  server.register(WORKLOAD_API.fetchJwtBundles, streaming(options, encodeJwtBundles), raw, raw, 'serverStream');
  const fetchToken: handleUnaryCall<Buffer, Buffer> = (call, done) => {
    const answer = async (): Promise<Buffer | Failure> => {
      const request = decodeJwtRequest(call.request);
      if (request === undefined) return invalid('not a JWTSVIDRequest');
      if (request.audience.length === 0) return invalid('audience is required');
      if (request.spiffeId !== '' && request.spiffeId !== spiffeId())
        return { code: status.PERMISSION_DENIED, details: `this workload is not ${request.spiffeId.slice(0, 200)}` };
      const issued = await tokens.get(request.audience);
      return issued.ok
        ? encodeJwtResponse(issued.value.spiffeId, issued.value.token)
        : {
            code: issued.error.kind === 'refused' ? status.PERMISSION_DENIED : status.UNAVAILABLE,
            details: issued.error.message,
          };
    };
    settle(call.metadata, answer, done);
  };
  const validate: handleUnaryCall<Buffer, Buffer> = (call, done) => {
    const answer = async (): Promise<Buffer | Failure> => {
      const request = decodeValidateRequest(call.request);
      if (request === undefined) return invalid('not a ValidateJWTSVIDRequest');
      if (request.audience === '' || request.svid === '') return invalid('audience and svid are required');
      const { bundle } = secrets;
      if (options.verify === undefined || bundle === undefined)
        return { code: status.UNAVAILABLE, details: 'there are no keys yet' };
      const jwks = new Map([bundle, ...bundle.federated].map((one) => [one.trustDomain, one.jwks]));
      const verdict = await options.verify(request.svid, request.audience, jwks);
      if (!verdict.ok) return invalid(verdict.error);
      return encodeValidateResponse(
        verdict.value.spiffeId,
        writeMessage('google.protobuf.Struct', verdict.value.claims as JsonObject),
      );
    };
    settle(call.metadata, answer, done);
  };
  server.register(WORKLOAD_API.fetchJwtSvid, fetchToken, raw, raw, 'unary');
  server.register(WORKLOAD_API.validateJwtSvid, validate, raw, raw, 'unary');
}

function settle(
  metadata: Metadata,
  answer: () => Promise<Buffer | Failure>,
  done: (error: Failure | null, value?: Buffer) => void,
): void {
  const failure = refused(metadata);
  if (failure !== undefined) return done(failure);
  answer().then(
    (value) => (Buffer.isBuffer(value) ? done(null, value) : done(value)),
    () => done({ code: status.INTERNAL, details: 'internal' }),
  );
}

/** Sends what `encode` says now, once there is something, and again whenever that changes. Never ends by itself. */
function streaming(
  { secrets }: WorkloadApiOptions,
  encode: (bundle: TrustBundleMessage) => Buffer | undefined,
): handleServerStreamingCall<Buffer, Buffer> {
  return (call: StreamCall) => {
    const failure = refused(call.metadata);
    if (failure !== undefined) {
      call.emit('error', failure);
      return;
    }
    let sent: Buffer | undefined;
    const look = (): void => {
      const message = secrets.bundle === undefined ? undefined : encode(secrets.bundle);
      if (message === undefined || sent?.equals(message) === true) return;
      sent = message;
      call.write(message);
    };
    const onBundle = secrets.onBundle(look);
    const onSecret = secrets.subscribe((name) => name === OWN_SECRET && look());
    look();
    const over = (): void => {
      onBundle.close();
      onSecret.close();
    };
    for (const event of ['cancelled', 'error', 'close']) call.on(event, over);
  };
}

/** Tokens by audience, until half of their life is over. */
class TokenCache {
  readonly #options: WorkloadApiOptions;
  readonly #held = new Map<string, { readonly token: TokenResponse; readonly renewAt: number }>();

  constructor(options: WorkloadApiOptions) {
    this.#options = options;
  }

  async get(audience: readonly string[]): Promise<Result<TokenResponse, CallError>> {
    const now = this.#options.now();
    const key = JSON.stringify(audience);
    const held = this.#held.get(key);
    if (held !== undefined && now < held.renewAt) return { ok: true, value: held.token };
    const issued = await this.#options.issueToken(audience);
    if (!issued.ok) return issued;
    this.#held.delete(key);
    this.#held.set(key, { token: issued.value, renewAt: now + (issued.value.notAfter - now) / 2 });
    if (this.#held.size > MAX_AUDIENCES) this.#held.delete(this.#held.keys().next().value ?? '');
    return issued;
  }
}

const MAX_AUDIENCES = 100;
