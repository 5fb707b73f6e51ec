/** Where in a message: `static_resources.clusters[0].typed_extension_protocol_options["x"].common_http_protocol_options`. */
export type Segment =
  | string
  /** Index in a repeated field. */
  | number
  /** Key in a map. */
  | { readonly key: string };

/** An immutable field path. The message in an Any follows the Any's own field without a word between. */
export class Path {
  readonly parent: Path | undefined;
  readonly segment: Segment;

  private constructor(parent: Path | undefined, segment: Segment) {
    this.parent = parent;
    this.segment = segment;
  }

  /** The message itself. */
  static readonly ROOT: Path = new Path(undefined, '');

  static of(segments: readonly Segment[]): Path {
    return segments.reduce<Path>((path, segment) => new Path(path, segment), Path.ROOT);
  }

  field(name: string): Path {
    return new Path(this, name);
  }

  index(at: number): Path {
    return new Path(this, at);
  }

  key(name: string): Path {
    return new Path(this, { key: name });
  }

  segments(): Segment[] {
    if (this.parent === undefined) return [];
    const found = this.parent.segments();
    found.push(this.segment);
    return found;
  }

  toString(): string {
    let text = '';
    for (const segment of this.segments()) {
      if (typeof segment === 'number') text += `[${segment}]`;
      else if (typeof segment === 'object') text += `[${JSON.stringify(segment.key)}]`;
      else text += text === '' ? segment : `.${segment}`;
    }
    return text;
  }
}
