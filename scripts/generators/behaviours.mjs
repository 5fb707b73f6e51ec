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
        'action, tokens (good, expired, early, forged, torn, of a stranger), Faults, local RateLimits, TrafficPolicies (time limits, tries, hashing), Visibility, EnginePatches.',
        'What differs is asked again without the crowd, so that a busy machine is not taken for a disagreement. 900 such meshes with 5,400 requests to each engine (seeds 7',
        'and 2027, the machine busy with others) showed six kinds of disagreement: on Envoy whoever came by TLS without a certificate counted as a workload at an HTTPS listener',
        '(`notIdentities` of an ALLOW, `identities: ["*"]`); between two Weft sidecars a host lost the case of its letters; explain did not know what Faults answer, the host',
        'of a host outside, the scheme of a redirect at an HTTPS listener, nor what a listener of HTTP refuses of hosts that nobody is for. All are repaired; the meshes that',
        'showed them agree. Earlier, 1,000 meshes with routes and access policies alone and 10,000 requests (seed 2026) had come to agree. 10,000 meshes of the wider',
        'kind have not been run yet. Where chance decides among several ends (shares, endpoints that differ), the engine must take one of them; that shares are kept is',
        'shown by the cases. What docs/policy.md promises (order of arrival, unrelated objects, DENY) and that the change that explain proposes helps are properties over the',
        'same meshes (`bench/agreement/properties.test.ts`).',
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
