/** Every behaviour, in the order in which they contribute. A place a behaviour has nothing to say about is passed over. */
import { access } from './access/index.ts';
import { arrivalBounds } from './arrival-bounds/index.ts';
import { ask } from './ask/index.ts';
import { authentication } from './authentication/index.ts';
import { backendTls } from './backend-tls/index.ts';
import { balancing } from './balancing/index.ts';
import type { Behaviour } from './behaviour.ts';
import { connections } from './connections/index.ts';
import { cors } from './cors/index.ts';
import { directResponse } from './direct-response/index.ts';
import { ejection } from './ejection/index.ts';
import { external } from './external/index.ts';
import { failover } from './failover/index.ts';
import { fault } from './fault/index.ts';
import { headerModifier } from './header-modifier/index.ts';
import { healthCheck } from './health-check/index.ts';
import { locality } from './locality/index.ts';
import { limits } from './limits/index.ts';
import { mirror } from './mirror/index.ts';
import { mtls } from './mtls/index.ts';
import { multiplexing } from './multiplexing/index.ts';
import { proxyHeaders } from './proxy-headers/index.ts';
import { rateLimit } from './rate-limit/index.ts';
import { redirect } from './redirect/index.ts';
import { responseClasses } from './response-classes/index.ts';
import { retry } from './retry/index.ts';
import { rewrite } from './rewrite/index.ts';
import { session } from './session/index.ts';
import { split } from './split/index.ts';
import { timeout } from './timeout/index.ts';

export const BEHAVIOURS: readonly Behaviour[] = [
  // Answers by itself: there is then nothing to forward, and what follows leaves such a route alone.
  redirect,
  // The same; a rule has one of the two at most.
  directResponse,
  // Decides whether there is a target at all; without one the answer is 500 and the rest leaves the route alone.
  split,
  // Changes what is forwarded; whether it is forwarded is settled.
  rewrite,
  // Only after a rewrite did not name a host.
  external,
  // Copies what is forwarded, as it is when it arrived at the route.
  mirror,
  // Adds to the answers of every kind of route, and answers preflights before any.
  cors,
  // Adds headers to every kind of answer, a redirect's included.
  headerModifier,
  // Replaces the retry policy as a whole.
  retry,
  // Puts the time limit of one try into the retry policy: after it.
  timeout,
  // Chooses among endpoints.
  balancing,
  // Ranks the endpoints that balancing chooses among.
  locality,
  // Narrows the thresholds that retry's budget is part of.
  limits,
  // Says how connections begin, whatever is sent over them.
  connections,
  // Watches what balancing chose; independent of the rest.
  ejection,
  // Says what ejection counts; independent of the rest.
  responseClasses,
  // Watches endpoints by itself; independent of the rest.
  healthCheck,
  // Chooses an endpoint before balancing is asked.
  session,
  // Goes wrong on purpose, whatever the route does.
  fault,
  // Counts what access let in: access puts itself before it.
  rateLimit,
  // Narrows what the chain itself begins with.
  arrivalBounds,
  // Whatever the route does, it does not without those that it has to ask; what arrives is processed after it was counted.
  ask,
  // Puts itself before every other filter of a chain: nobody unknown gets further.
  access,
  // Puts itself before access, which asks about the claims of what it verified.
  authentication,
  // Wraps finished chains and clusters in TLS: after everything that adds filters to a chain, whose copies all carry them.
  mtls,
  // Puts itself before access, since rules believe the address that a header tells, and its listener filter before those of mtls,
  // whose leave for connections that say nothing in time it takes back.
  proxyHeaders,
  // Extends the ALPN list of the TLS that mtls put there.
  multiplexing,
  // Names what the others made.
  failover,
  // Replaces the TLS of both towards services that end it themselves.
  backendTls,
];
