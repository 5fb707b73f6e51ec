/** Certificates: what is trusted, mesh by mesh, and who holds which identity until when. */
import { h } from 'preact';
import type {
  AuthoritiesDocument,
  AuthorityDocument,
  CertificatesDocument,
  CertificateState,
  RootState,
} from '@weft/core/documents';
import { get, useAsked } from '../api.ts';
import { dateTime, span } from '../format.ts';
import type { Health } from '../model.ts';
import { badge, type Child, link, loaded, panel, path, Table } from '../page.ts';

const DAY = 86_400_000;
/** ms before the end of a root from which it is shown as one to replace, as `weft check` has it. */
const ROOT_WARNING = 30 * DAY;
/** ms before the end of a certificate that should have been renewed at half of its life. */
const LATE = 3_600_000;

export function CertificatesPage(): Child {
  const authorities = useAsked(
    async (signal) => (await get<AuthoritiesDocument>('/weft/v1/authority', signal)).authorities,
    10_000,
    'authority',
  );
  const held = useAsked(
    async (signal) => (await get<CertificatesDocument>('/weft/v1/certificates', signal)).certificates,
    5000,
    'certificates',
  );
  return h(
    'div',
    null,
    h('h1', null, 'Certificates'),
    loaded(authorities, (meshes) => meshes.map(authority)),
    panel(
      'Who holds which',
      loaded(held, (rows) =>
        h(Table<CertificateState>, {
          caption: 'Certificates of workloads (X.509-SVIDs)',
          rows,
          id: ({ namespace, name }) => `${namespace}/${name}`,
          empty: 'No agent is connected.',
          mark: (row) => ends(row).health,
          columns: [
            {
              title: 'Workload',
              by: ({ namespace, name }) => `${namespace}/${name}`,
              cell: ({ namespace, name }) => link(`proxies/${path(namespace, name)}`, `${namespace}/${name}`),
            },
            { title: 'Identity', by: ({ identity }) => identity, cell: ({ identity }) => identity },
            { title: 'Root', by: ({ root }) => root, cell: ({ root }) => (root === '' ? '–' : root.slice(0, 8)) },
            {
              title: 'Ends',
              by: ({ expires }) => Date.parse(expires),
              cell: (row) => {
                const { health, text } = ends(row);
                return health === 'good' || health === 'idle' ? text : badge(health, text);
              },
            },
            {
              title: 'Until',
              by: ({ expires }) => Date.parse(expires),
              cell: ({ expires }) => (expires === '' ? '–' : dateTime(Date.parse(expires))),
            },
          ],
        }),
      ),
    ),
  );
}

function ends({ expires }: CertificateState): { readonly health: Health; readonly text: string } {
  if (expires === '') return { health: 'idle', text: 'not issued by this process' };
  const left = Date.parse(expires) - Date.now();
  if (left < 0) return { health: 'bad', text: 'has ended' };
  return { health: left < LATE ? 'poor' : 'good', text: `in ${span(left)}` };
}

function authority({ mesh, trustDomain, roots, ...more }: AuthorityDocument): Child {
  const { signingCertificateExpires, lagging, oldRootUntil, taint } = more;
  return panel(
    `Mesh ${mesh}`,
    h(Table<RootState>, {
      caption: `Roots of ${trustDomain}`,
      rows: roots,
      id: ({ sha256 }) => sha256,
      empty: 'There is none.',
      columns: [
        { title: 'Root (SHA-256)', by: ({ sha256 }) => sha256, cell: ({ sha256 }) => h('code', null, sha256) },
        { title: 'State', by: ({ state }) => state, cell: ({ state }) => state },
        { title: 'Issuer', by: ({ issuer }) => issuer, cell: ({ issuer }) => issuer },
        { title: 'Subject', by: ({ subject }) => subject, cell: ({ subject }) => subject },
        { title: 'Until', by: ({ expires }) => Date.parse(expires), cell: ({ expires }) => rootEnd(expires) },
      ],
    }),
    h(
      'dl',
      { class: 'facts' },
      h('dt', null, 'the certificate that signs'),
      h('dd', null, rootEnd(signingCertificateExpires)),
      oldRootUntil === '' ? null : [h('dt', null, 'the old root leaves'), h('dd', null, rootEnd(oldRootUntil))],
      lagging.length === 0
        ? null
        : [h('dt', null, 'do not use the newest roots yet'), h('dd', null, lagging.slice(0, 50).join(', '))],
      taint === undefined
        ? null
        : [
            h('dt', null, `tainted root ${taint.root.slice(0, 8)}`),
            h(
              'dd',
              null,
              `${taint.step}${taint.waitingFor.length === 0 ? '' : `, waits for ${taint.waitingFor.slice(0, 50).join(', ')}`}`,
            ),
          ],
    ),
  );
}

function rootEnd(expires: string): Child {
  const end = Date.parse(expires);
  if (Number.isNaN(end)) return '–';
  const left = end - Date.now();
  const text = `${dateTime(end)} (${left < 0 ? 'has ended' : `in ${span(left)}`})`;
  return left < 0 ? badge('bad', text) : left < ROOT_WARNING ? badge('poor', text) : text;
}
