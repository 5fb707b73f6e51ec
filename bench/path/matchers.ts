/**
 * `npm run bench -- matchers`: what 1,000 routes and 1,000 RBAC rules cost a request against one of each, on the path of `bench path`. Two
 * engines take turns of a millisecond, and the median of what one turn takes over its neighbour counts: what else the machine does hits both
 * alike. The path has no kernel in it: the share that is added to a whole request is less than the one shown.
 */
import { parseArgs } from 'node:util';
import { benchBootstrap } from '../proxy/bootstrap.ts';
import { BASE, type Load, PathRig, type Peer } from './index.ts';

const RULES = 1000;
const BY_HEADER = 100;
const CALLERS = 30;
/** Names of the headers that policies ask for, each with as many values as make the policies by header. */
const HEADERS = 10;
const METHODS = ['GET', 'POST', 'PUT'];
const TURNS = 3000;
const WARM = 600;
const PREFIX = 'type.googleapis.com/envoy.extensions.filters.http';

/** How many of each there are. */
interface Size {
  readonly routes: number;
  readonly rules: number;
}

const caller = (number: number): string => `spiffe://bench.test/ns/shop/sa/caller-${number}`;
const exact = (name: string, value: string): object => ({ header: { name, string_match: { exact: value } } });

/** Each caller is named in 30 policies, for another path each. */
const byIdentity = (number: number): object => ({
  permissions: [
    {
      and_rules: {
        rules: [
          { url_path: { path: { prefix: `/service-${number}/` } } },
          exact(':method', METHODS[number % METHODS.length] as string),
        ],
      },
    },
  ],
  principals: [{ authenticated: { principal_name: { exact: caller(number % CALLERS) } } }],
});

const byHeader = (number: number): object => ({
  permissions: [exact(`x-scope-${number % HEADERS}`, `scope-${number}`)],
  principals: [{ any: true }],
});

/** Policies count in the order of their names, routes in that of the list: the last of each is the request's. */
function policies(count: number): object {
  const all = Array.from({ length: RULES }, (_, number) => [
    `policy-${String(number).padStart(4, '0')}`,
    number < RULES - BY_HEADER ? byIdentity(number) : byHeader(number),
  ]);
  return Object.fromEntries(all.slice(-count));
}

function routes(count: number): object[] {
  const all = Array.from({ length: RULES }, (_, number) => ({
    match: { prefix: `/service-${number}/` },
    route: { cluster: 'main' },
  }));
  return all.slice(-count);
}

const bootstrap = (size: Size): object =>
  benchBootstrap({
    port: 0,
    backend: 1,
    adminPath: '/none',
    http2: true,
    routes: routes(size.routes),
    filters: [
      {
        name: 'envoy.filters.http.rbac',
        typed_config: { '@type': `${PREFIX}.rbac.v3.RBAC`, rules: { action: 'ALLOW', policies: policies(size.rules) } },
      },
    ],
  });

const LOAD: Load = {
  request: (number) => [
    ...BASE,
    [':path', `/service-${RULES - 1}/items/${number % 1000}`],
    ['user-agent', 'grpc-go/1.76.0'],
    ['accept', 'application/json'],
    [`x-scope-${(RULES - 1) % HEADERS}`, `scope-${RULES - 1}`],
  ],
  answer: [
    ['server', 'nginx/1.22.1'],
    ['date', 'Fri, 27 Nov 2026 12:00:00 GMT'],
    ['content-type', 'application/json'],
    ['content-length', '1000'],
  ],
  trailers: [],
};

const PEER = { verified: true, presented: true, uriSans: [caller((RULES - 1) % CALLERS)], dnsSans: [], subject: '' };

const rigOf = (size: Size): Promise<PathRig> => PathRig.of(bootstrap(size), LOAD, PEER as unknown as Peer);

export async function benchMatchers(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      turns: { type: 'string', default: String(TURNS) },
      routes: { type: 'string', default: String(RULES) },
      rules: { type: 'string', default: String(RULES) },
    },
  });
  const many = { routes: Number(values.routes), rules: Number(values.rules) };
  const few = { rig: await rigOf({ routes: 1, rules: 1 }), costs: [] as number[] };
  const all = { rig: await rigOf(many), costs: [] as number[] };
  for (const { rig } of [few, all]) await rig.turns(WARM);
  for (let turn = 0; turn < Number(values.turns); turn += 1)
    for (const { rig, costs } of turn % 2 === 0 ? [few, all] : [all, few]) costs.push(...(await rig.turns(1)));
  const ratio = part(
    few.costs.map((cost, turn) => (all.costs[turn] as number) / cost),
    0.5,
  );
  process.stdout.write(
    `one route, one rule: ${part(few.costs, 0.1).toFixed(2)} us a request, where nobody disturbs\n` +
      `${many.routes} routes, ${many.rules} rules: ${part(all.costs, 0.1).toFixed(2)} us; turn by turn ${((ratio - 1) * 100).toFixed(1)} % more (goal: at most 10 %)\n`,
  );
  if (ratio > 1.1) process.exitCode = 1;
}

const part = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
