import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layout, NODE_HEIGHT, NODE_WIDTH, passKey } from './layout.ts';

const ids = fc.uniqueArray(fc.stringMatching(/^[a-d]{1,3}$/), { minLength: 1, maxLength: 25 });
const graph = ids.chain((nodes) =>
  fc.record({
    nodes: fc.constant(nodes),
    links: fc.array(fc.record({ from: fc.constantFrom(...nodes), to: fc.constantFrom(...nodes) }), { maxLength: 60 }),
    upright: fc.boolean(),
  }),
);

test('every node has a place of its own within the drawing, whatever calls what', () => {
  fc.assert(
    fc.property(graph, ({ nodes, links, upright }) => {
      const { places, width, height } = layout(nodes, links, upright);
      assert.deepEqual([...places.keys()].sort(), [...nodes].sort());
      const all = [...places.values()];
      for (const [index, { x, y }] of all.entries()) {
        assert.ok(x >= -0.001 && y >= -0.001 && x + NODE_WIDTH <= width + 0.001 && y + NODE_HEIGHT <= height + 0.001);
        for (const other of all.slice(index + 1))
          assert.ok(Math.abs(other.x - x) >= NODE_WIDTH || Math.abs(other.y - y) >= NODE_HEIGHT, 'two overlap');
      }
    }),
  );
});

/** As long as chains are no ribbon: at most 14 nodes and twice as many pairs of them; a pair may call in several ways. */
const sparse = fc.uniqueArray(fc.stringMatching(/^[a-d]{1,3}$/), { minLength: 2, maxLength: 14 }).chain((nodes) => {
  const pairs = nodes.flatMap((from) => nodes.flatMap((to) => (from < to ? [{ from, to }] : [])));
  return fc.record({
    nodes: fc.constant(nodes),
    forward: fc
      .subarray(pairs, { minLength: 1, maxLength: Math.min(pairs.length, 2 * nodes.length) })
      .chain((some) =>
        fc.array(fc.constantFrom(...some), { maxLength: some.length }).map((more) => [...some, ...more]),
      ),
    upright: fc.boolean(),
  });
});

test('without a circle every call goes from left to right, and upright from top to bottom', () => {
  fc.assert(
    fc.property(sparse, ({ nodes, forward, upright }) => {
      const { places } = layout(nodes, forward, upright);
      for (const { from, to } of forward) {
        const [a, b] = [places.get(from), places.get(to)];
        assert.ok(a !== undefined && b !== undefined && (upright ? a.y < b.y : a.x < b.x), `${from} -> ${to}`);
      }
    }),
  );
});

test('a pair that calls in many ways makes no dense graph', () => {
  const links = [
    ...Array.from({ length: 6 }, () => ({ from: 'a', to: 'b' })),
    { from: 'a', to: 'c' },
    { from: 'b', to: 'c' },
  ];
  assert.equal(new Set([...layout(['a', 'b', 'c'], links).places.values()].map(({ x }) => x)).size, 3);
});

test('where nearly everybody calls everybody there are few columns', () => {
  const nodes = 'abcdefgh'.split('');
  const links = nodes.flatMap((from) => nodes.flatMap((to) => (from < to ? [{ from, to }] : [])));
  assert.equal(new Set([...layout(nodes, links).places.values()].map(({ x }) => x)).size, 2);
});

test('the same graph is drawn the same, in whatever order it is told', () => {
  fc.assert(
    fc.property(graph, ({ nodes, links }) => {
      assert.deepEqual(layout(nodes.toReversed(), links).places, layout(nodes, links).places);
    }),
  );
});

test('200 nodes and 2,000 edges, a long chain, nothing at all', () => {
  const many = Array.from({ length: 200 }, (_, index) => `s${index}`);
  const links = Array.from({ length: 2000 }, (_, index) => ({
    from: `s${(index * 7) % 150}`,
    to: `s${((index * 7) % 150) + 1 + ((index * 13) % 49)}`,
  }));
  assert.equal(layout(many, links).places.size, 200);
  const chain = many.map((from, index) => ({ from, to: `s${index + 1}` }));
  assert.equal(layout(many, chain).places.size, 200);
  assert.deepEqual(layout([], []).places.size, 0);
});

test('a call that leads over columns passes between the nodes there', () => {
  fc.assert(
    fc.property(sparse, ({ nodes, forward, upright }) => {
      const { places, passes } = layout(nodes, forward, upright);
      for (const points of passes.values())
        for (const { x, y } of points) {
          const [a, b] = upright ? [x, y + NODE_HEIGHT / 2] : [x + NODE_WIDTH / 2, y];
          for (const place of places.values())
            assert.ok(
              a < place.x || a > place.x + NODE_WIDTH || b < place.y || b > place.y + NODE_HEIGHT,
              'it runs through a node',
            );
        }
    }),
  );
  const links = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
    { from: 'a', to: 'c' },
  ];
  assert.deepEqual([...layout(['a', 'b', 'c'], links).passes.keys()], [passKey({ from: 'a', to: 'c' })]);
});
