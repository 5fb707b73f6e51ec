/** What strangers and authors write where the dashboard shows it (attack 76), and how a page tells that some of it became more than text. */
import net from 'node:net';

/** Runs something, or puts an element there, wherever it is taken for markup: in text, in either kind of quotes, as the address of a link. */
export const PLANT = `'"><img class=planted src=x onerror=ran(1)><script class=planted>ran(2)</script><svg class=planted onload=ran(3)>`;
/** Without what no path, host or name of a header's value may hold. */
export const SHORT = '<img/class=planted/src=x/onerror=ran(4)>';
/** With all that parts of addresses are told apart by. */
const ID = '../a//%2f?b=c&d#e<img class=planted src=x onerror=ran(6)>';
export const LINK = 'javascript:ran(5)';

/** What a page shows that came from a plant, as a pattern of its text. */
export const SHOWN = /<img[ /]class=planted/;

/** In every page before anything of it: plants that run, and what the page's policy stopped. */
export const WATCH = `
globalThis.told = [];
globalThis.ran = (which) => { globalThis.told.push('ran: ' + which); };
addEventListener('securitypolicyviolation', (event) => {
  globalThis.told.push('stopped: ' + event.violatedDirective + ' ' + event.blockedURI);
});
`;

/** What of a plant became more than text, as texts. */
export const HARM = `[
  ...globalThis.told,
  ...[...document.querySelectorAll('.planted, #app :is(script, img, iframe, object, embed, base, link, style, meta)')].map((one) => 'an element: ' + one.outerHTML),
  ...[...document.querySelectorAll('*')].flatMap((one) => [...one.attributes]
    .filter(({ name, value }) => /^on/i.test(name) || (/^(?:xlink:)?(?:href|src|action|formaction)$/.test(name) && !/^(?:#|\\/dashboard\\/)/.test(value)))
    .map(({ name, value }) => 'an attribute: ' + name + '=' + value)),
]`;

/** Sends the text as it stands, and waits until the answer ends. */
export const answerTo = (port: number, request: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', reject).on('close', () => resolve());
    socket.resume();
    socket.write(request);
  });

const request = (target: string, host: string, ...headers: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, `host: ${host}`, 'connection: close', ...headers, '', ''].join('\r\n');

const TRACED = 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Answered, refused by a policy, refused as no request. */
export const REQUESTS: readonly string[] = [
  request(
    `/${SHORT}`,
    'orders',
    `user-agent: ${PLANT}`,
    `x-request-id: ${ID}`,
    `referer: ${LINK}`,
    `tracestate: a=${SHORT}`,
  ),
  request(
    `/refused/${SHORT}?${SHORT}`,
    'orders',
    'x-planted: yes',
    `x-request-id: ${ID}`,
    `authorization: Bearer ${SHORT}`,
  ),
  request(
    '/',
    SHORT,
    `x-forwarded-client-cert: By=spiffe://${SHORT};URI=spiffe://${SHORT}`,
    `x-forwarded-for: ${SHORT}`,
  ),
  request('/', 'orders', TRACED, `tracestate: a=${SHORT}`, `baggage: a=${SHORT}`, `user-agent: ${PLANT}`),
  `${SHORT} / HTTP/1.1\r\nhost: orders\r\nconnection: close\r\n\r\n`,
];

const ABOUT = [{ group: '', kind: 'Service', name: 'orders' }];

/** An object with a note that is markup. */
const object = (apiVersion: string, kind: string, body: object, metadata: object = {}): object => ({
  apiVersion,
  kind,
  metadata: { name: 'planted', namespace: 'default', annotations: { 'planted.example/note': PLANT }, ...metadata },
  ...body,
});
const weft = (kind: string, spec: object, metadata: object = {}): object =>
  object('weft.dev/v1alpha1', kind, { spec }, metadata);

/** What authors may write freely is; all of them are taken. */
export const OBJECTS: readonly object[] = [
  weft('Mesh', { trustDomain: 'weft.local', tracing: { sampling: '100' } }, { name: 'default', namespace: undefined }),
  object(
    'v1',
    'Service',
    { spec: { selector: { app: 'orders' }, ports: [{ name: 'http', port: 80, appProtocol: 'http' }] } },
    { name: 'orders' },
  ),
  object('v1', 'Service', { spec: { ports: [{ port: 80 }] } }, { annotations: { 'weft.dev/export-to': PLANT } }),
  object('v1', 'ConfigMap', { data: { note: PLANT } }),
  object('gateway.networking.k8s.io/v1', 'HTTPRoute', {
    spec: {
      parentRefs: ABOUT,
      rules: [
        {
          matches: [{ headers: [{ name: 'x-nobody', value: PLANT }] }],
          filters: [
            { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-planted', value: PLANT }] } },
          ],
          backendRefs: [{ name: 'orders', port: 80 }],
        },
        { backendRefs: [{ name: 'orders', port: 80 }] },
      ],
    },
  }),
  weft('AccessPolicy', {
    targetRefs: ABOUT,
    action: 'DENY',
    rules: [{ to: [{ headers: [{ name: 'x-nobody', value: PLANT }] }] }, { to: [{ paths: ['/refused/*'] }] }],
  }),
  weft('ServiceLevel', { description: PLANT, targetRef: { name: 'orders' }, objectives: [{ percent: '99.9' }] }),
  weft('Invariant', { description: PLANT, targetRefs: ABOUT, never: [{ from: [{ accounts: ['web'] }] }] }),
  weft('Authentication', {
    targetRefs: [{ group: '', kind: 'Service', name: 'planted' }],
    mode: 'Optional',
    issuers: [
      { issuer: PLANT, audiences: [PLANT], keys: { jwks: '{"keys":[{"kty":"EC","crv":"P-256","x":"a","y":"b"}]}' } },
    ],
  }),
  weft('EnginePatch', {
    targetRefs: [{ name: 'default' }],
    patches: [
      {
        part: 'Route',
        operation: 'AddFirst',
        match: { routeConfiguration: PLANT },
        value: {
          name: PLANT,
          match: { prefix: '/' },
          direct_response: { status: 200, body: { inline_string: PLANT } },
        },
      },
    ],
  }),
];

/** Pages of those whose markup is in their spec or status. */
export const WRITTEN = ['HTTPRoute', 'AccessPolicy', 'ServiceLevel', 'Invariant', 'Authentication', 'EnginePatch'].map(
  (kind) => `${kind}/default/planted`,
);

const service = (metadata: object): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'refused', ...metadata },
  spec: { ports: [{ port: 80 }] },
});
export const REFUSED: readonly (readonly [string, object])[] = [
  ['the name of an object', service({ name: PLANT })],
  ['a namespace', service({ namespace: PLANT })],
  ['the key of a label', service({ labels: { [PLANT]: 'a' } })],
  ['the value of a label', service({ labels: { a: PLANT } })],
  ['the key of an annotation', service({ annotations: { [PLANT]: 'a' } })],
  ['a kind', { ...service({}), kind: PLANT }],
  ['a field', { ...service({}), [PLANT]: 1 }],
  ['a selector', { ...service({}), spec: { selector: { a: PLANT }, ports: [{ port: 80, name: PLANT }] } }],
  [
    'a path',
    object('gateway.networking.k8s.io/v1', 'HTTPRoute', {
      spec: { parentRefs: ABOUT, rules: [{ matches: [{ path: { value: `/${PLANT}` } }] }] },
    }),
  ],
  [
    'an identity',
    weft('AccessPolicy', { targetRefs: ABOUT, rules: [{ from: [{ identities: [`spiffe://${PLANT}`] }] }] }),
  ],
  ['a host', weft('ExternalService', { host: SHORT, ports: [{ port: 80 }] })],
];

/** Pages with more than themselves behind a slash. */
export const PAGES = ['services', 'workloads', 'routes', 'traces', 'proxies', 'objects', 'requests', 'tap', 'ask', ''];

/** Pages that show what the control plane answers. */
export const ANSWERED = [
  '#/',
  '#/services',
  `#/services/default/${encodeURIComponent(`orders${PLANT}`)}`,
  '#/workloads',
  `#/workloads/${encodeURIComponent(`default${PLANT}`)}/${encodeURIComponent(`orders${PLANT}`)}`,
  '#/routes',
  '#/traces',
  '#/proxies',
  '#/certificates',
  '#/objects',
  '#/objects/HTTPRoute/default/planted',
  '#/levels',
  '#/findings',
  '#/changes',
  '#/requests',
  '#/ask?from=default/web&to=default/orders&method=GET&path=/',
];

/** What says which kind of thing something is: a page that does not know it shows nothing. */
const KINDS: ReadonlySet<string> = new Set([
  'kind',
  'apiVersion',
  'groupVersion',
  'status',
  'state',
  'resultType',
  'direction',
  'severity',
  'of',
]);

/** A document with markup behind each of its texts, but numbers and times. */
export function planted(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return KINDS.has(key) || /^[\d.:TZ+-]*$/.test(value) ? value : `${value}${PLANT}`;
  if (Array.isArray(value)) return value.map((each) => planted(each, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, planted(inner, name)]));
}
