// docs/reference/behaviours.md: which engine has which behaviour, from the cases (e2e/*-cases) and the rows (e2e/behaviours.yaml).
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENGINES, readBehaviours } from '@weft/testkit/behaviours';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const MARKS = { runs: 'yes', said: 'in part', elsewhere: '-' };

export function outputs() {
  const { behaviours, faults } = readBehaviours(root);
  if (faults.length > 0) throw new Error(`behaviours:\n  ${faults.join('\n  ')}`);
  const groups = [...new Set(behaviours.map(({ group }) => group))];
  return new Map([
    [
      'docs/reference/behaviours.md',
      [
        '# Behaviours and engines',
        '',
        'Generated from the cases of `e2e/mesh-cases`, `e2e/gateway-cases` and `e2e/grpc-cases` by `npm run generate`, which fails where a behaviour has fewer than',
        'three, or an engine none and no reason. Cases of the first two run with our engine and with Envoy as the proxy of whoever calls; those of `grpc-cases` also',
        'from a proxyless gRPC client (`@grpc/grpc-js-xds`), which only has gRPC services. A case counts as *in part* on an engine that lacks something it asks for:',
        'the case then shows that the object is `Programmed=False` with reason `Unsupported`, that `weft check` names the engine and the field, and what becomes of calls.',
        '',
        '`weft explain`, `plan` and `test` answer by the same code that engines run, and are held to it: `npm run bench -- agree --meshes N --requests 6 --seed 2027`',
        'generates meshes and requests, and compares what explain says of each with what our engine and Envoy do, callers, called and a Gateway as proxies of their',
        'own over mutual TLS: status, rule, backend, location, the policy that refused, path, host and headers as the application gets them. Meshes have two namespaces',
        'and trust domains, HTTPRoutes, GRPCRoutes, TCPRoutes and TLSRoutes, Gateways (HTTP, HTTPS, TLS passed on, TCP), hosts outside, subsets, AccessPolicies of every',
        'action, tokens (good, expired, early, forged, torn, of a stranger), Faults, local RateLimits, TrafficPolicies (time limits, tries, hedging, budgets, hashing),',
        'XBackendTrafficPolicies, sessions, TLS towards services in both kinds, Extensions that are asked and that process, Visibility, EnginePatches.',
        'What differs is asked again without the crowd, so that a busy machine is not taken for a disagreement. Run so far: 5,000 meshes with 30,000 requests to each engine',
        '(seeds 101 to 105, before TLS, sessions and processing were generated), of which 17 meshes disagreed; 1,000 of the wider kind (seed 201), of which 12 did; and 1,700 more (seeds 301 to 303, 401, 411, 421, 431, 441 and 451), of which 12 did, 8 as the machine was too busy for their time limits.',
        'On 28 November 1,800 more (seeds 501, 502 and 601), of which 2 did, both by the comparison; and, with RateLimits and Extensions in one mesh, 3,400 (seeds 801, 802, 821 and 831 to 833; 20,400 requests to each engine), of which none did. In one run 10,000 (seed 5000; 60,000 requests to each engine), of which 4 did, all by the comparison, and none when asked again with it mended; then, with modes of mutual TLS, defaults by namespace and load balancers before Gateways, 5,500 (seed 7000; 33,000 requests), of which none did. With HTTPRouteFilters, CORS, failover, mirrors, limits and Faults of some callers, TrafficPolicies of consumers, arrivals at workloads and server names that differ (`--with FEATURE`, seeds 20000 to 20700, 1,360 meshes) eight causes were found and mended in the engine, in explain and in what is compiled: what an expression leaves of a path, Location of direct answers, the mode of who stands in, preflights and their tokens, `//` on Envoy. After that 700 meshes of all words (seeds 21000 and 21001; 4,200 requests to each engine) disagreed in none.',
        'Their causes, repaired in explain or in what is compiled: who must be asked and is not there is refused (500); workloads without a proxy count nothing; a try has its',
        'time limit also where it is the only one, and on our engine where its method is not tried again; a listener of several on one port has a local limit of its own on Envoy too; and in the comparison, what is asked of an',
        'Extension at a Gateway, Faults for a share, sessions before hashes. Asked again by the code of today, none of the 41 disagrees: the last two were a RateLimit about',
        'everything, which counts also what proxies ask an Extension. explain says so now, and the comparison follows these counts from request to request. Some differences stay on',
        'purpose and are said in [policy.md](../policy.md): on Envoy one value of a header that came several times meets an ALLOW, and what is refused is shown to whoever',
        'processes answers, with 500 where that one cannot be asked; a connection that rules refuse is counted. Where chance decides among several ends (shares, endpoints',
        'that differ), the engine must take one of them; that shares are kept is shown by the cases. What docs/policy.md promises (order of arrival, unrelated objects, DENY),',
        'and that the change that explain proposes helps and no part of it does, are properties over the same meshes (`bench/agreement/properties.test.ts`).',
        '`bench/agreement/agreement.test.ts` is the short form; mesh N of a seed again: `--seed S --first N --meshes 1`, its objects: `--seed S --show N`.',
        '',
        ...groups.flatMap((group) => [
          `## ${group}`,
          '',
          ...table(
            ['Behaviour', 'Weft', 'Envoy', 'Proxyless gRPC'],
            behaviours
              .filter((one) => one.group === group)
              .map((one) => [`[${one.title}](#${one.id})`, ...ENGINES.map((engine) => cellOf(one, engine))]),
          ),
          '',
        ]),
        '# The cases',
        '',
        ...behaviours.flatMap((one) => [
          `## ${one.id}`,
          '',
          `${one.title}.`,
          '',
          ...(one.cases.length === 0
            ? []
            : [
                ...table(
                  ['File', 'Case', 'Weft', 'Envoy', 'Proxyless'],
                  one.cases.map(({ file, name, marks }) => [
                    `\`${file}\``,
                    name,
                    ...ENGINES.map((engine) => MARKS[marks[engine]]),
                  ]),
                ),
                '',
              ]),
          ...(one.tests.length === 0 ? [] : [...one.tests.map(({ file, title }) => `- \`${file}\`: ${title}`), '']),
        ]),
      ].join('\n'),
    ],
  ]);
}

function cellOf({ cases, tests, notes }, engine) {
  const count = (mark) => cases.filter(({ marks }) => marks[engine] === mark).length;
  const [runs, said] = [count('runs'), count('said')];
  const parts = [
    ...(runs > 0 ? [`${runs} ${runs === 1 ? 'case' : 'cases'}`] : []),
    ...(said > 0 ? [`${said} in part`] : []),
    ...(engine !== 'grpc' && tests.length > 0 ? [`${tests.length} tests`] : []),
  ];
  const note = notes[engine];
  return [parts.join(', '), note].filter((part) => part !== undefined && part !== '').join('; ');
}

const cell = (value) => String(value).replaceAll('|', '\\|');

const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`);
