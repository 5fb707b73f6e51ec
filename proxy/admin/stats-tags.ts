/**
 * Tags of statistics as a bootstrap states them (stats_config), in the text for Prometheus: what a tag's expression takes out of a dotted name
 * becomes a label, as in Envoy. Statistics here are made with the labels of Envoy's default tags; which part of the dotted name each of them
 * stands for is found by what their Prometheus name leaves out. Pure; costs nothing where nothing is stated.
 */
import { re2 } from '@weft/core/decide';
import type { FamilySnapshot, LabelPairs, MetricType, SeriesSnapshot } from '@weft/core/metrics';

export type StatsTag =
  /** `regex` '': the default tag of that name. */
  | { readonly kind: 'regex'; readonly name: string; readonly regex: string }
  | { readonly kind: 'fixed'; readonly name: string; readonly value: string };

export interface StatsTags {
  readonly tags: readonly StatsTag[];
  readonly useDefaultTags: boolean;
}

/** A part of a dotted name: [from, to). */
type Range = readonly [from: number, to: number];
type Found = readonly [label: string, value: string, range: Range];

/** How many places of one value are tried. */
const MOST_PLACES = 8;

export function taggedBy({
  tags,
  useDefaultTags,
}: StatsTags): (families: readonly FamilySnapshot[]) => FamilySnapshot[] {
  const fixed: LabelPairs = tags.flatMap((tag) => (tag.kind === 'fixed' ? [[labelName(tag.name), tag.value]] : []));
  const kept = new Set(tags.flatMap((tag) => (tag.kind === 'regex' && tag.regex === '' ? [labelName(tag.name)] : [])));
  const extractors = tags.flatMap((tag) =>
    tag.kind === 'regex' && tag.regex !== '' ? [{ label: labelName(tag.name), pattern: re2().compile(tag.regex) }] : [],
  );
  const extracted = (dotted: string): Found[] =>
    extractors.flatMap(({ label, pattern }): Found[] => {
      const matcher = pattern.matcher(dotted);
      if (!matcher.find() || matcher.groupCount() < 1) return [];
      const from = matcher.start(1);
      if (from < 0) return [];
      const value = (matcher.groupCount() > 1 ? matcher.group(2) : matcher.group(1)) ?? '';
      return [[label, value, [from, matcher.end(1)]]];
    });

  const renamed = (family: FamilySnapshot, series: SeriesSnapshot): readonly [string, SeriesSnapshot] => {
    const { dotted } = series;
    const byDefault = dotted === '' ? undefined : defaultTags(family.name, series);
    if (byDefault === undefined) return [family.name, { ...series, labels: merged(fixed, series.labels) }];
    const found = [...byDefault.filter(([label]) => useDefaultTags || kept.has(label)), ...extracted(dotted)];
    const name = `envoy_${sanitized(
      without(
        dotted,
        found.map(([, , range]) => range),
      ),
    )}`;
    return [
      name,
      {
        ...series,
        labels: merged(
          fixed,
          found.map(([label, value]) => [label, value] as const),
        ),
      },
    ];
  };

  return (families) => {
    const made = new Map<
      string,
      {
        readonly name: string;
        readonly type: MetricType;
        readonly buckets: readonly number[];
        readonly series: SeriesSnapshot[];
      }
    >();
    for (const family of families)
      for (const each of family.series) {
        const [name, series] = renamed(family, each);
        const key = `${family.type} ${name}`;
        const known = made.get(key);
        if (known === undefined) made.set(key, { name, type: family.type, buckets: family.buckets, series: [series] });
        else known.series.push(series);
      }
    return [...made.values()];
  };
}

/** Labels of the same name: the first counts. */
function merged(first: LabelPairs, more: LabelPairs): LabelPairs {
  const labels = new Map<string, string>();
  for (const [name, value] of [...first, ...more]) if (!labels.has(name)) labels.set(name, value);
  return [...labels];
}

/** The labels of a series with the part of its dotted name that each stands for; undefined where that cannot be told. */
function defaultTags(family: string, { labels, dotted }: SeriesSnapshot): readonly Found[] | undefined {
  if (!family.startsWith('envoy_')) return undefined;
  const wanted = family.slice('envoy_'.length);
  const place = (index: number, found: readonly Found[]): readonly Found[] | undefined => {
    const pair = labels[index];
    if (pair === undefined) {
      const rest = without(
        dotted,
        found.map(([, , range]) => range),
      );
      return sanitized(rest) === wanted ? found : undefined;
    }
    const [label, value] = pair;
    const places = placesOf(value, dotted);
    // Codes stand at the end, names before them, whatever they are.
    for (const range of label.startsWith('envoy_response_code') ? places.reverse() : places) {
      const all = place(index + 1, [...found, [label, value, range]]);
      if (all !== undefined) return all;
    }
    return undefined;
  };
  return place(0, []);
}

/** Where a value stands, with the separator behind it or before it, or alone (the 5 of 5xx). */
function placesOf(value: string, dotted: string): Range[] {
  const places: Range[] = [];
  if (value === '') return places;
  for (
    let from = dotted.indexOf(value);
    from >= 0 && places.length < 3 * MOST_PLACES;
    from = dotted.indexOf(value, from + 1)
  ) {
    const to = from + value.length;
    if (dotted[to] === '.') places.push([from, to + 1]);
    if (dotted[from - 1] === '.' || dotted[from - 1] === '_') places.push([from - 1, to]);
    places.push([from, to]);
  }
  return places;
}

/** `text` without what any of the ranges covers. */
function without(text: string, ranges: readonly Range[]): string {
  let made = '';
  let from = 0;
  for (const [start, end] of ranges.toSorted(([a], [b]) => a - b)) {
    if (start > from) made += text.slice(from, start);
    from = Math.max(from, end);
  }
  return made + text.slice(from);
}

const sanitized = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, '_');
const labelName = sanitized;
