/** AccessPolicies: every action, target and condition. */
import type { Features } from './index.ts';
import { calledTargets, edgeTargets, several } from './policies.ts';
import type { SeededRandom } from './random.ts';
import { ELSEWHERE, METHODS, NAMESPACE, TOLD_BLOCKS, TRUST_DOMAINS, WEFT } from './words.ts';

export const access = (random: SeededRandom, has: Features): unknown[] =>
  Array.from({ length: random.upTo(3) }, (_, index) => {
    const { namespace, ref } = random.one([...calledTargets(has), ...(random.chance(0.5) ? edgeTargets(has) : [])]);
    const isEdge = 'kind' in (ref as object) && (ref as { kind: string }).kind === 'Gateway';
    const action = random.one([
      'ALLOW',
      'ALLOW',
      'DENY',
      'DENY',
      'AUDIT',
      ...(has.asks ? ['EXTERNAL', 'EXTERNAL'] : []),
    ]);
    return {
      apiVersion: WEFT,
      kind: 'AccessPolicy',
      metadata: { name: `policy-${index}`, namespace },
      spec: {
        targetRefs: [ref],
        action,
        ...(action === 'EXTERNAL' ? { extension: 'opa' } : {}),
        ...(random.chance(0.1) && action !== 'AUDIT' ? { enforcement: 'Shadow' } : {}),
        ...(random.chance(0.05) && !isEdge ? { workloadSelector: { version: 'v1' } } : {}),
        rules: random.chance(0.05) ? [] : several(random, 3, () => rule(random, has, isEdge)),
      },
    };
  });

/** Addresses count where somebody tells them: at the Gateway behind a load balancer. */
function addresses(random: SeededRandom): unknown[] {
  const blocks = (): string[] => random.some(TOLD_BLOCKS, 1, 2);
  return [
    { ipBlocks: blocks() },
    { notIpBlocks: blocks() },
    { remoteIpBlocks: blocks() },
    { notRemoteIpBlocks: blocks() },
    { ipBlocks: blocks(), notRemoteIpBlocks: blocks() },
  ];
}

const PATH_EXPRESSIONS = ['/a.*', '/[ab]', '(?i)/A/?', '.*b', '/a/(b|c)?', 'x*', '/', '/new.*|/full'] as const;

/** `isEdge`: it is about the Gateway. */
function rule(random: SeededRandom, has: Features, isEdge: boolean): unknown {
  const from = random.one<unknown>([
    ...(isEdge && has.told ? [...addresses(random), ...addresses(random)] : []),
    undefined,
    { accounts: random.some(['web', 'job', 'other'], 1, 2) },
    {
      identities: [
        random.one([
          'shop/web',
          '*',
          'elsewhere/job',
          'bank/*',
          `spiffe://${random.one(TRUST_DOMAINS)}/ns/shop/sa/web`,
        ]),
      ],
    },
    { notIdentities: [random.one(['shop/web', 'shop/job', 'bank/*'])] },
    { namespaces: [random.one([NAMESPACE, ELSEWHERE, 'elsewhere'])] },
    { notNamespaces: [random.one([NAMESPACE, ELSEWHERE])] },
    { trustDomains: [random.one(TRUST_DOMAINS)] },
    { accounts: ['teller'], namespaces: [ELSEWHERE] },
    ...(has.tokens
      ? [
          { claims: [{ name: 'groups', values: [random.one(['admin', 'user', 'a*'])] }] },
          { claims: [{ name: 'sub', values: ['ann'] }] },
          { claims: [{ name: 'aud' }] },
        ]
      : []),
  ]);
  const patterns = (): string[] => random.some(['/a', '/a/*', '/b', '*b', '/', '/full', '/new*', '*'], 1, 2);
  const expressions = (): string[] => random.some(PATH_EXPRESSIONS, 1, 2);
  const parts: readonly [string, () => unknown][] = [
    ['methods', () => random.some(METHODS, 1, 2)],
    ['notMethods', () => [random.one(METHODS)]],
    ['paths', patterns],
    ['notPaths', patterns],
    ['pathRegexes', expressions],
    ['notPathRegexes', expressions],
    ['hosts', () => [random.one(['a.example', '*.a.example', 'front.shop', 'inside.example'])]],
    ['notHosts', () => [random.one(['a.example', 'front.shop'])]],
    [
      'headers',
      () => [
        random.one<unknown>([
          { name: 'x-a', type: 'Present' },
          { name: 'x-b', value: '1' },
          { name: 'x-b', type: 'Absent' },
          { name: 'x-a', type: 'RegularExpression', value: 'x.*' },
        ]),
      ],
    ],
    ['ports', () => [random.one(['http', 'http', 'line', 'grpc'])]],
    ['notPorts', () => [random.one(['http', 'line'])]],
  ];
  const to = random.chance(0.75)
    ? Object.fromEntries(random.some(parts, 1, 2).map(([name, make]) => [name, make()]))
    : undefined;
  return { ...(from === undefined ? {} : { from: [from] }), ...(to === undefined ? {} : { to: [to] }) };
}
