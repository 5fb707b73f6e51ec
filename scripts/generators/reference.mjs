// docs/reference/: one page a kind, and an index, from the schemas in core/resources. Nothing on these pages is written by hand.
import { apiVersionOf, KINDS, metadataSchema as METADATA } from '@weft/core/resources';
import { writeYaml } from '@weft/core/resources/text';

const FOLDER = 'docs/reference';

export function outputs() {
  const pages = new Map([[`${FOLDER}/README.md`, index()]]);
  for (const kind of KINDS) pages.set(pageOf(kind), page(kind));
  return pages;
}

const pageOf = (kind) => `${FOLDER}/${kind.singular}.md`;

function index() {
  const rows = KINDS.map((kind) => [
    `[${kind.kind}](${kind.singular}.md)`,
    code(apiVersionOf(kind.group, kind.versions[0])),
    kind.scope === 'Cluster' ? 'cluster' : 'namespace',
    kind.doc,
  ]);
  return [
    '# Kinds of objects',
    '',
    'Generated from `core/resources` by `npm run generate`.',
    '',
    ...table(['Kind', 'apiVersion', 'Belongs to a', 'What it is for'], rows),
    '',
    'Status: the control plane writes conditions into `status`: for routes below `status.parents[]` (Gateway API), else in',
    '`status.conditions[]`. `Accepted`: the object makes sense. `ResolvedRefs`: what it refers to is there. `Programmed`: the proxies that',
    'it concerns have it. `weft apply --wait` and `weft check` report the others.',
    '',
    'Rules that hold for all of them: unknown fields are refused; durations are written `1h30m10s250ms` (each unit once, at most five',
    'digits); a field that is `null` counts as absent; names are DNS labels or subdomains. `metadata` is described [below](#metadata).',
    '',
    '## metadata',
    '',
    ...fieldTable(METADATA, 'metadata'),
    '',
    '## Forms of text',
    '',
    'What the type column of the pages names.',
    '',
    ...table(['Form', 'Meaning'], forms()),
    '',
  ].join('\n');
}

/** Every format that a page names, by name. */
function forms() {
  const found = new Map();
  const visit = (schema) => {
    for (const format of [schema.format, schema.kind === 'map' ? schema.keys : undefined]) {
      if (format !== undefined) found.set(format.name, format.expected);
    }
    if (schema.kind === 'array') visit(schema.items);
    if (schema.kind === 'map') visit(schema.values);
    if (schema.kind === 'object') for (const field of Object.values(schema.fields)) visit(field.schema);
  };
  for (const schema of [METADATA, ...KINDS.map((kind) => kind.spec)]) visit(schema);
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, expected]) => [name, expected.replaceAll('|', '\\|')]);
}

function page(kind) {
  const versions = kind.versions.map((version) => code(apiVersionOf(kind.group, version))).join(', ');
  const words = [kind.plural, kind.singular, ...kind.shortNames].map(code).join(', ');
  const lines = [
    `# ${kind.kind}`,
    '',
    `Generated from the schema in \`core/resources\` by \`npm run generate\`.`,
    '',
    kind.doc,
    '',
    ...table(
      ['', ''],
      [
        ['apiVersion', versions],
        ['Belongs to', kind.scope === 'Cluster' ? 'the cluster: it has no namespace' : 'a namespace'],
        ['On the command line', words],
        ['Name', kind.name.expected],
      ],
    ),
    '',
    '```yaml',
    writeYaml(example(kind)).trimEnd(),
    '```',
    '',
  ];
  if (Object.keys(kind.labels).length > 0) {
    lines.push(
      '## Labels',
      '',
      ...table(
        ['Label', 'Meaning'],
        Object.entries(kind.labels).map(([key, doc]) => [code(key), doc]),
      ),
      '',
    );
  }
  const root = kind.layout === 'root' ? '' : 'spec';
  const fields = fieldTable(kind.spec, root);
  lines.push('## Fields', '', ...fields, '');
  const refused = [...refusedFields(kind.spec, root)];
  if (refused.length > 0) {
    lines.push(
      '## Known and refused',
      '',
      'Fields and values of the standard that Weft answers with an error rather than ignore.',
      '',
      ...table(['Field', 'Why'], refused),
      '',
    );
  }
  return lines.join('\n');
}

export function example(kind) {
  const name = { Mesh: 'shop', Namespace: 'shop', Workload: 'orders-x7k2p' }[kind.kind] ?? 'orders';
  const metadata = kind.scope === 'Cluster' ? { name } : { name, namespace: 'shop' };
  return {
    apiVersion: apiVersionOf(kind.group, kind.versions[0]),
    kind: kind.kind,
    metadata,
    ...(kind.example === undefined ? {} : kind.layout === 'root' ? kind.example : { spec: kind.example }),
  };
}

function fieldTable(schema, root) {
  return table(['Field', 'Type', 'Default', 'Meaning'], [...fieldRows(schema, root)]);
}

function* fieldRows(schema, path) {
  for (const [name, field] of Object.entries(schema.fields)) {
    if (field.presence === 'unsupported') continue;
    const at = path === '' ? name : `${path}.${name}`;
    yield [code(at), typeOf(field.schema), defaultOf(field), field.doc];
    const below = field.schema.kind === 'array' ? field.schema.items : field.schema;
    if (below.kind === 'object') yield* fieldRows(below, field.schema.kind === 'array' ? `${at}[]` : at);
  }
}

function* refusedFields(schema, path) {
  for (const [name, field] of Object.entries(schema.fields)) {
    const at = path === '' ? name : `${path}.${name}`;
    if (field.presence === 'unsupported') {
      yield [code(at), field.doc];
      continue;
    }
    const list = field.schema.kind === 'array';
    const below = list ? field.schema.items : field.schema;
    if (below.kind === 'object') yield* refusedFields(below, list ? `${at}[]` : at);
    if (below.kind !== 'string') continue;
    for (const [value, reason] of Object.entries(below.unsupported))
      yield [code(`${at}${list ? '[]' : ''}: ${value}`), reason];
  }
}

function typeOf(schema) {
  switch (schema.kind) {
    case 'string':
      if (schema.values !== undefined) return schema.values.map(code).join(' \\| ');
      return schema.format === undefined ? `text, at most ${schema.maxLength} characters` : schema.format.name;
    case 'integer':
      return schema.values === undefined
        ? `integer, ${schema.minimum} to ${schema.maximum}`
        : schema.values.join(' \\| ');
    case 'boolean':
      return 'true \\| false';
    case 'int-or-string':
      return `${schema.minimum} to ${schema.maximum}, or ${schema.format.name}`;
    case 'any':
      return 'anything';
    case 'array': {
      const items = schema.items.kind === 'object' ? 'list' : `list of ${typeOf(schema.items)}`;
      return `${items}, ${schema.minItems === 0 ? 'at most' : `${schema.minItems} to`} ${schema.maxItems}`;
    }
    case 'map':
      return `map of ${schema.keys?.name ?? 'text'} to ${typeOf(schema.values)}, at most ${schema.maxEntries}`;
    case 'object':
      return 'object';
    default:
      throw new Error(`no words for ${schema.kind}`);
  }
}

function defaultOf(field) {
  if (field.presence === 'required') return 'required';
  return field.presence === 'defaulted' ? code(JSON.stringify(field.default)) : '';
}

const code = (text) => `\`${text}\``;

const table = (head, rows) => [
  `| ${head.join(' | ')} |`,
  `| ${head.map(() => '---').join(' | ')} |`,
  ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll('\n', ' ')).join(' | ')} |`),
];
