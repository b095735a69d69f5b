import { compileRegularExpression } from '../../routing/match/regularExpression.ts';

const mostSamples = 8;

/**
 * Some texts that a pattern matches as a whole, as short as they come; none for a pattern that is too odd. `as` makes each of
 * them what it has to be besides.
 */
export function samplePattern(pattern: string, as = (text: string): string => text): readonly string[] {
  const compiled = compileRegularExpression(pattern);
  if (!compiled.ok) return [];
  const texts = new PatternReader(pattern).read().map((text) => as(text));
  return [...new Set(texts)].filter((text) => compiled.expression.testExact(text)).slice(0, mostSamples);
}

/** Reads the common part of RE2's syntax, and gives texts for it; what it misreads, the pattern itself sorts out. */
class PatternReader {
  private at = 0;
  private readonly pattern: string;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  read(): readonly string[] {
    const texts = [...this.alternatives()];
    // What stands behind a parenthesis too many is no pattern.
    return this.at < this.pattern.length ? [] : texts;
  }

  private alternatives(): readonly string[] {
    const texts = [...this.sequence()];
    while (this.pattern[this.at] === '|') {
      this.at += 1;
      texts.push(...this.sequence());
    }
    return texts.slice(0, mostSamples * 2);
  }

  private sequence(): readonly string[] {
    let texts: readonly string[] = [''];
    while (this.at < this.pattern.length && !'|)'.includes(this.pattern[this.at] ?? '')) {
      const parts = this.repeated(this.atom());
      texts = texts.flatMap((text) => parts.map((part) => text + part)).slice(0, mostSamples * 2);
    }
    return texts;
  }

  private repeated(parts: readonly string[]): readonly string[] {
    const [quantifier = '', least = '', , most] =
      /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(this.pattern.slice(this.at)) ?? [];
    this.at += quantifier.length;
    const [first = ''] = parts;
    if (quantifier === '') return parts;
    if (quantifier.startsWith('+')) return [...parts, first + first];
    if (quantifier.startsWith('*') || quantifier.startsWith('?')) return ['', ...parts];
    const times = Number(least);
    const once = parts.map((part) => part.repeat(times));
    return most === undefined || Number(most) === times ? once : [...once, first.repeat(times + 1)];
  }

  private atom(): readonly string[] {
    const character = this.pattern[this.at] ?? '';
    this.at += 1;
    if (character === '(') return this.group();
    if (character === '[') return [this.characterClass()];
    if (character === '\\') return [this.escape()];
    if (character === '.') return ['x'];
    return character === '^' || character === '$' ? [''] : [character];
  }

  private group(): readonly string[] {
    const [flags = ''] = /^\?(?:P?<\w+>|[a-zA-Z-]*:?)/.exec(this.pattern.slice(this.at)) ?? [];
    this.at += flags.length;
    const isFlagsOnly = flags !== '' && !/[:>]$/.test(flags);
    const texts = isFlagsOnly ? [''] : this.alternatives();
    this.at += 1;
    return texts;
  }

  private escape(): string {
    const character = this.pattern[this.at] ?? '';
    this.at += 1;
    return (
      { d: '0', w: 'a', s: ' ', D: 'a', W: '-', S: 'a', b: '', B: '', A: '', z: '', n: '\n', t: '\t' }[character] ??
      character
    );
  }

  /** One that the class has, found by asking it. */
  private characterClass(): string {
    const [inside = ''] = /^\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]/.exec(this.pattern.slice(this.at)) ?? [];
    this.at += Math.max(1, inside.length);
    const compiled = compileRegularExpression(`[${inside}`);
    if (!compiled.ok) return '';
    return (
      candidates.find((character) => compiled.expression.testExact(character)) ?? inside.replace(/^\\/, '').slice(0, 1)
    );
  }
}

const candidates = 'a0Ab1-_./zZ9~%=&,:;!@+* '.split('');
