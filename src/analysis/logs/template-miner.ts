import { findMessage } from './find-message.ts';
import { LineLexer } from './line-lexer.ts';
import { readStructured } from './read-structured.ts';
import { SlotIndex } from './slot-index.ts';
import { survivorOf, Template } from './template.ts';

export interface LogTemplate {
  readonly id: number;
  readonly text: string;
  readonly count: number;
}

/**
 * Finds the templates of a stream of lines in one pass. Lines with the same words in the same order are one template,
 * whatever their values; a word in whose place many others were seen, or values, is a value too (SlotIndex).
 *
 * Memory is bounded: of more than `mostTemplates`, those unused for longest are forgotten, a quarter at a time. A
 * forgotten template that comes again is a new one.
 */
export class TemplateMiner {
  private readonly lexer = new LineLexer();
  private readonly mostTemplates: number;
  private readonly templatesById = new Map<number, Template>();
  /** By the hash of a line's words: a memory for speed, that may be emptied at any time. */
  private readonly byHash = new Map<number, Template>();
  private readonly slots = new SlotIndex();
  /** What became of a template that was joined with another. */
  private readonly joined = new Map<number, number>();
  private nextId = 1;
  private clock = 0;

  constructor(mostTemplates = 5000) {
    this.mostTemplates = mostTemplates;
  }

  /** Id of the template the line belongs to; ask `resolve` later what became of it. */
  add(line: string): number {
    return this.take(line).id;
  }

  /** The same with the line's values, in order. */
  read(line: string): { readonly id: number; readonly values: readonly string[] } {
    const { id, text } = this.take(line);
    return { id, values: this.lexer.valuesOf(text) };
  }

  private take(line: string): { id: number; text: string } {
    this.clock += 1;
    const structured = readStructured(line);
    const text = structured ?? line;
    const from = structured === null ? findMessage(line) : 0;
    this.lexer.scan(text, from);
    const template = this.known(this.lexer.hash) ?? this.place(text, from);
    template.count += 1;
    template.lastUsed = this.clock;
    template.compare(text, this.lexer);
    return { id: template.id, text };
  }

  /** The template that a template's lines belong to now, as templates are joined when a word turns out to vary. */
  resolve(id: number): number {
    let place = id;
    for (let next = this.joined.get(place); next !== undefined; next = this.joined.get(place)) place = next;
    return place;
  }

  templates(): LogTemplate[] {
    return [...this.templatesById.values()]
      .map((template) => ({ id: template.id, text: template.text(), count: template.count }))
      .toSorted((a, b) => b.count - a.count || a.id - b.id);
  }

  private known(hash: number): Template | undefined {
    const template = this.byHash.get(hash);
    if (template === undefined || template.joinedWith === null) return template;
    const into = survivorOf(template);
    this.byHash.set(hash, into);
    return into;
  }

  private place(text: string, from: number): Template {
    const hash = this.lexer.hash;
    let template = this.slots.find(this.lexer.wordsOf(text));
    if (template === null) {
      if (this.templatesById.size >= this.mostTemplates) this.forgetOldest();
      template = new Template(this.nextId, text, this.lexer, from);
      this.nextId += 1;
      this.templatesById.set(template.id, template);
      const { into, from: absorbed } = this.slots.add(template);
      for (const one of absorbed) this.join(one, into);
      template = into;
    }
    if (this.byHash.size >= 4 * this.mostTemplates) this.byHash.clear();
    this.byHash.set(hash, template);
    return template;
  }

  private join(one: Template, into: Template): void {
    into.count += one.count;
    this.templatesById.delete(one.id);
    this.joined.set(one.id, into.id);
    one.joinedWith = into;
    this.slots.follow(one, into);
  }

  private forgetOldest(): void {
    const oldest = [...this.templatesById.values()]
      .toSorted((a, b) => a.lastUsed - b.lastUsed)
      .slice(0, Math.ceil(this.mostTemplates / 4));
    for (const template of oldest) {
      this.templatesById.delete(template.id);
      this.slots.forget(template);
    }
    this.byHash.clear();
    for (const id of this.joined.keys())
      if (!this.templatesById.has(this.resolve(id))) this.joined.delete(id);
  }
}
