/** Requests of the words that meshes are made of. */
import { NUMBERS, SENT_ORIGINS } from './filters.ts';
import type { Features, GeneratedRequest, Materials } from './index.ts';
import type { SeededRandom } from './random.ts';
import { CALLS, SERVICES } from './streams.ts';
import type { SentToken } from './tokens.ts';
import { CALLERS, EDGE_HOSTS, EDGE_PORTS, HOSTS, METHODS, SENT_PATHS, TOLD, VALUES } from './words.ts';

export function request(random: SeededRandom, has: Features, materials: Materials): GeneratedRequest {
  const made = addressed(random, has);
  if (made.kind === 'tcp') return made;
  const token = has.tokens && random.chance(0.7) ? materials.issuers.token(random) : undefined;
  return {
    ...made,
    ...(token === undefined ? {} : withToken(made, token)),
    ...(has.traffic && made.kind === 'http' ? trial(random) : {}),
    ...(has.asks ? { verdict: random.one(['yes', 'no'] as const) } : {}),
    ...(has.asks && random.chance(0.4) ? { processing: random.one(['answers', 'fails'] as const) } : {}),
    ...(has.sessions && random.chance(0.7) ? { session: true as const } : {}),
  };
}

const withToken = ({ request: asked }: GeneratedRequest, token: SentToken): Partial<GeneratedRequest> => ({
  token,
  request: { ...asked, claims: token.claims },
});

function trial(random: SeededRandom): Partial<GeneratedRequest> {
  if (random.chance(0.06)) return { trial: 'slow' };
  return random.chance(0.35) ? { trial: random.one([1, 2, 3]) } : {};
}

function addressed(random: SeededRandom, has: Features): GeneratedRequest {
  const caller = random.one([...CALLERS, CALLERS[0], CALLERS[1]]);
  const http = (to: string, port = 80): GeneratedRequest => ({
    caller,
    to,
    port,
    kind: 'http',
    request: httpRequest(random, has, HOSTS),
  });
  const choices: (() => GeneratedRequest)[] = [
    () => http('shop/front'),
    () => http('shop/front'),
    () => http('shop/front'),
    () => http(random.one(['shop/a', 'shop/b', 'bank/c'])),
    ...(has.grpc ? [() => call(random, caller), () => call(random, caller)] : []),
    ...(has.line ? [() => connection(caller, 'shop/line', 7)] : []),
    ...(has.failover ? [() => http('shop/empty')] : []),
    ...(has.outside ? [() => http('shop/partner')] : []),
    ...(has.sealed ? [() => http(random.one(['shop/sealed', 'shop/vault']), 443)] : []),
    ...(has.edge ? Array.from({ length: 3 }, () => () => toldOf(random, has, entering(random, has))) : []),
  ];
  return random.one(choices)();
}

function httpRequest(random: SeededRandom, has: Features, hosts: readonly string[]): GeneratedRequest['request'] {
  const query = random.chance(0.4) ? `?${random.some(['q=1', 'q=2', 'r=x1', 'r=', 'q'], 1, 2).join('&')}` : '';
  const sent = random.some(['x-a', 'x-b'], 0, 2).map((name) => ({ name, value: random.one(VALUES) }));
  const user = random.chance(0.5) ? [{ name: 'x-user', value: random.one(['ann', 'bob', 'eve']) }] : [];
  const number = has.filters && random.chance(0.6) ? [{ name: 'x-n', value: random.one(NUMBERS) }] : [];
  const page = has.pages && random.chance(0.6);
  const preflight = page && random.chance(0.5);
  const origin = page ? [{ name: 'origin', value: random.one(SENT_ORIGINS) }] : [];
  const wanted = preflight ? [{ name: 'access-control-request-method', value: random.one(METHODS) }] : [];
  return {
    method: preflight && random.chance(0.85) ? 'OPTIONS' : random.one(METHODS),
    path: `${random.one(SENT_PATHS)}${query}`,
    headers: [
      ...(random.chance(0.7) ? [{ name: 'host', value: random.one(hosts) }] : []),
      ...sent,
      ...user,
      ...number,
      ...origin,
      ...wanted,
    ],
  };
}

function call(random: SeededRandom, caller: string): GeneratedRequest {
  const sent = random.some(['x-a', 'x-b'], 0, 2).map((name) => ({ name, value: random.one(VALUES) }));
  return {
    caller,
    to: 'shop/calls',
    port: 80,
    kind: 'grpc',
    request: {
      method: 'POST',
      path: `/${random.one(SERVICES)}/${random.one(CALLS)}`,
      headers: [{ name: 'host', value: 'calls.shop' }, { name: 'content-type', value: 'application/grpc' }, ...sent],
    },
  };
}

const NOTHING = { method: 'GET', path: '/', headers: [] } as const;

const connection = (caller: string | undefined, to: string, port: number): GeneratedRequest => ({
  caller,
  to,
  port,
  kind: 'tcp',
  request: NOTHING,
});

/** Behind a load balancer: the address that it tells, at times with what a proxy, or the client, says of whom it is. */
function toldOf(random: SeededRandom, { told }: Features, made: GeneratedRequest): GeneratedRequest {
  if (!told) return made;
  const address = random.one(TOLD);
  if (made.kind === 'tcp' || random.chance(0.3)) return { ...made, address };
  const list = random.some([...TOLD, '192.0.2.99', 'unknown'], 1, 3).join(random.one([',', ', ']));
  const { request } = made;
  return {
    ...made,
    address,
    request: { ...request, headers: [...request.headers, { name: 'x-forwarded-for', value: list }] },
  };
}

function entering(random: SeededRandom, has: Features): GeneratedRequest {
  const name = random.one(['http', 'http', 'other', 'other', 'https', 'https', 'secure', 'line'] as const);
  const port = EDGE_PORTS[name];
  if (name === 'line') return connection(undefined, 'shop/edge', port);
  const host = random.one(EDGE_HOSTS);
  const serverName = host.toLowerCase();
  const headers = [{ name: 'host', value: serverName }];
  if (name === 'secure')
    return { ...connection(undefined, 'shop/edge', port), serverName, request: { ...NOTHING, headers } };
  const asked = httpRequest(random, has, [host]);
  const request = {
    ...asked,
    headers: [{ name: 'host', value: host }, ...asked.headers.filter((one) => one.name !== 'host')],
  };
  return {
    caller: undefined,
    to: 'shop/edge',
    port,
    kind: 'http',
    request,
    // At times a client goes on to ask one listener for another one's host.
    ...(name === 'https' ? { serverName: random.chance(0.2) ? random.one(EDGE_HOSTS).toLowerCase() : serverName } : {}),
  };
}
