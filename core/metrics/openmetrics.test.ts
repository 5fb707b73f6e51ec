import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FamilySnapshot, openMetricsText, prometheusText, wantsOpenMetrics } from './index.ts';

const NEW = 'application/openmetrics-text;version=1.0.0';

const ACCEPTS: readonly (readonly [accept: string, open: boolean])[] = [
  ['', false],
  ['*/*', false],
  ['text/plain;version=0.0.4', false],
  ['application/*', false],
  [NEW, true],
  ['application/openmetrics-text', true],
  ['Application/OpenMetrics-Text; Version="1.0.0"; charset=utf-8', true],
  ['application/openmetrics-text; version=2.0.0', false],
  [`${NEW};q=0`, false],
  [`${NEW};q=nonsense`, false],
  [`${NEW},application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`, true],
  [`${NEW};q=0.5, text/plain;version=0.0.4;q=0.6`, false],
  [`${NEW};q=0.5, text/plain;q=0.5`, true],
  [`${NEW};q=0.5, text/plain;q=0.1, */*`, true],
  [`${NEW};q=0.5, */*`, false],
  [`text/html, ${NEW};q=0.3`, true],
];

test('OpenMetrics is for those who name it, at least as welcome as plain text', () => {
  for (const [accept, open] of ACCEPTS) assert.equal(wantsOpenMetrics(accept), open, accept);
});

const counter = (name: string, labels: readonly (readonly [string, string])[] = []): FamilySnapshot => ({
  name,
  type: 'counter',
  buckets: [],
  series: [{ labels, dotted: '', values: [3] }],
});

const histogram: FamilySnapshot = {
  name: 'took',
  type: 'histogram',
  buckets: [1, 2.5],
  series: [
    {
      labels: [['route', 'a"b\\c\nd']],
      dotted: '',
      values: [1, 0, 3, 99.5],
      exemplars: [
        { traceId: 'aa', value: 0.5, at: 1_700_000_000_123 },
        { traceId: 'old', value: 0.25, at: 1_700_000_000_000 },
        { traceId: 'x"\\\n', value: 98, at: 1_700_000_001_000 },
      ],
    },
  ],
};

test('a bucket’s newest exemplar stands on its line; texts are escaped; the page ends with EOF', () => {
  assert.equal(
    openMetricsText([histogram]),
    [
      '# TYPE took histogram',
      String.raw`took_bucket{route="a\"b\\c\nd",le="1"} 1 # {trace_id="aa"} 0.5 1700000000.123`,
      String.raw`took_bucket{route="a\"b\\c\nd",le="2.5"} 1`,
      String.raw`took_bucket{route="a\"b\\c\nd",le="+Inf"} 3 # {trace_id="x\"\\\n"} 98 1700000001.000`,
      String.raw`took_sum{route="a\"b\\c\nd"} 99.5`,
      String.raw`took_count{route="a\"b\\c\nd"} 3`,
      '# EOF\n',
    ].join('\n'),
  );
  assert.equal(openMetricsText([]), '# EOF\n');
  assert.doesNotMatch(prometheusText([histogram]), /trace_id|EOF/);
});

test('a counter’s family goes without _total; one that has it not, or whose family has another’s name, is unknown', () => {
  const families = [counter('a_total'), counter('b'), counter('b_total'), { ...counter('c'), type: 'gauge' as const }];
  assert.equal(
    openMetricsText(families),
    '# TYPE a counter\na_total 3\n# TYPE b unknown\nb 3\n# TYPE b_total unknown\nb_total 3\n# TYPE c gauge\nc 3\n# EOF\n',
  );
});

test('plain text of another engine goes before: without comments and empty lines, types told anew, names of both known', () => {
  const before =
    '# HELP e_total x\n# TYPE e_total counter\ne_total{} 1\n\n# TYPE f counter\nf{a="# b"} 2\n# TYPE mine_total counter\nmine_total{} 4\n';
  assert.equal(
    openMetricsText([{ ...counter('mine'), type: 'gauge' }], undefined, false, before),
    '# TYPE e counter\ne_total{} 1\n# TYPE f unknown\nf{a="# b"} 2\n# TYPE mine_total unknown\nmine_total{} 4\n# TYPE mine gauge\nmine 3\n# EOF\n',
  );
});
