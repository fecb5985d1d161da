// The editor of a playground: CodeMirror with C, what is locked, what the compiler says, where goroutines are.
//
// build.sh makes build/editor.mjs of this module and the npm packages it is made of; pages load that one, since a
// browser knows no bare names.
import {
  defaultKeymap, history, historyKeymap, indentWithTab, invertedEffects, isolateHistory,
} from '@codemirror/commands';
import { cpp } from '@codemirror/lang-cpp';
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, Prec, RangeSet, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration, EditorView, GutterMarker, drawSelection, gutter, highlightActiveLine, keymap, lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** @typedef {{ from: number, to: number }} Lines the first and the last one, from 1 */
/** @typedef {{ locked: Lines[], isReadOnly: boolean }} Rules locked: lines of the first file */
/** @typedef {{ line: number, text: string, title: string, color: string }} Mark beside a line; color: of CSS */
/**
 * @typedef {object} Complaint
 * @property {number} line @property {number} column in bytes, from 1; 0: the whole line
 * @property {'error' | 'warning' | 'note'} severity @property {string} text
 */
/**
 * @typedef {object} EditorEvents
 * @property {(name: string, text: string) => void} onChange a file's text is another one
 * @property {() => void} onRun Ctrl+Enter
 * @property {() => void} onLeave Escape, twice
 * @property {(sentence: string) => void} onRefuse what was to be changed by hand is read-only
 * @property {() => void} onAccept a key or a click has done something again
 */

/** @type {import('@codemirror/state').StateEffectType<Lines[]>} */
const lock = StateEffect.define();
/** @type {import('@codemirror/state').StateEffectType<Mark[]>} */
const mark = StateEffect.define();
/** @type {import('@codemirror/state').StateEffectType<number>} */
const reach = StateEffect.define();

/** Whether anything may be changed by hand. */
const readOnly = new Compartment();

/** @typedef {import('@codemirror/state').Text} Text */

/** Within the document. @param {Text} doc @param {number} line */
const lineOf = (doc, line) => doc.line(Math.min(Math.max(line, 1), doc.lines));

/** @typedef {{ from: number, to: number }[]} Ranges positions */

/** Where they are after changes; of one whose text is another one nothing is left: it ends before it begins.
 * @param {Ranges} ranges @param {import('@codemirror/state').ChangeDesc} changes @returns {Ranges} */
const mapped = (ranges, changes) =>
  ranges.map(({ from, to }) => ({ from: changes.mapPos(from, 1), to: changes.mapPos(to, -1) }));

/** @param {{ from: number, to: number }} range */
const isThere = ({ from, to }) => from <= to;

/** @param {EditorState} state @param {Ranges} [ranges] in it @returns {Lines[]} */
const linesOf = ({ doc }, ranges = []) => ranges.filter(isThere)
  .map(({ from, to }) => ({ from: doc.lineAt(from).number, to: doc.lineAt(to).number }));

/** Stretches of whole lines that nobody changes by hand, as positions. */
const locked = StateField.define({
  create: () => /** @type {Ranges} */ ([]),
  update(ranges, { changes, effects, newDoc }) {
    for (const effect of effects) {
      if (effect.is(lock)) return effect.value.filter(({ from }) => from <= newDoc.lines)
        .map(({ from, to }) => ({ from: lineOf(newDoc, from).from, to: lineOf(newDoc, to).to }));
    }
    return changes.empty ? ranges : mapped(ranges, changes);
  },
  provide: (field) => [
    // What only touches such a line would join another one to it.
    EditorState.changeFilter.of(({ changes, startState }) => {
      let free = true;
      changes.iterChangedRanges((begin, end) => {
        free &&= !startState.field(field).some(({ from, to }) => begin <= to && end >= from);
      });
      return free;
    }),
    // Undo brings a text back with the lines of it that were locked.
    invertedEffects.of(({ startState, changes, effects }) => {
      const isLost = !changes.empty && (effects.some((effect) => effect.is(lock))
        || !mapped(startState.field(field), changes).every(isThere));
      return isLost ? [lock.of(linesOf(startState, startState.field(field)))] : [];
    }),
    EditorView.decorations.compute([field], (state) => Decoration.set(state.field(field).flatMap(({ from, to }) => {
      const all = [];
      for (let at = from; at <= to; at = state.doc.lineAt(at).to + 1)
        all.push(Decoration.line({ class: 'cm-locked' }).range(at));
      return all;
    }))),
  ],
});

class GoroutineMarker extends GutterMarker {
  /** @param {Mark} mark */
  constructor(mark) {
    super();
    this.mark = mark;
  }

  /** @param {GoroutineMarker} other @override */
  eq({ mark }) {
    return mark.text === this.mark.text && mark.title === this.mark.title && mark.color === this.mark.color;
  }

  /** @override */
  toDOM() {
    const node = document.createElement('span');
    node.textContent = this.mark.text;
    node.title = this.mark.title;
    node.style.background = this.mark.color;
    return node;
  }
}

/** Where goroutines are. */
const marks = StateField.define({
  create: () => /** @type {RangeSet<GutterMarker>} */ (RangeSet.empty),
  update(set, { changes, effects, newDoc }) {
    for (const effect of effects) {
      if (effect.is(mark)) return RangeSet.of(effect.value.filter(({ line }) => line >= 1 && line <= newDoc.lines)
        .map((m) => new GoroutineMarker(m).range(newDoc.line(m.line).from)), true);
    }
    return set.map(changes);
  },
  provide: (field) => gutter({
    class: 'cm-goroutines', markers: (view) => view.state.field(field),
    initialSpacer: () => new GoroutineMarker({ line: 1, text: 'G99', title: '', color: '' }),
  }),
});

/** The line that somebody was led to, until the next change. */
const reached = StateField.define({
  create: () => Decoration.none,
  update(set, { docChanged, effects, newDoc }) {
    for (const effect of effects) {
      if (effect.is(reach))
        return Decoration.set(Decoration.line({ class: 'cm-reached' }).range(lineOf(newDoc, effect.value).from));
    }
    return docChanged ? Decoration.none : set;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const color = (/** @type {string} */ name) => `var(--goroscope-code-${name})`;
const highlighting = syntaxHighlighting(HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.controlKeyword, tags.definitionKeyword], color: color('keyword') },
  { tag: [tags.typeName, tags.standard(tags.typeName), tags.className, tags.namespace], color: color('type') },
  { tag: [tags.string, tags.character, tags.special(tags.string)], color: color('text') },
  { tag: [tags.number, tags.bool, tags.null], color: color('number') },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: 'var(--goroscope-faint)', fontStyle: 'italic' },
  { tag: [tags.processingInstruction, tags.meta, tags.macroName], color: color('macro') },
  { tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName))],
    color: color('function') },
]));

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--goroscope-ink)', backgroundColor: 'var(--goroscope-ground)' },
  '&.cm-focused': { outline: '2px solid var(--goroscope-accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--goroscope-mono)', fontSize: '13px', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--goroscope-ink)', padding: '6px 0' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--goroscope-ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--goroscope-accent) 26%, transparent)',
  },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--goroscope-accent) 6%, transparent)' },
  '.cm-gutters': {
    color: 'var(--goroscope-faint)', backgroundColor: 'var(--goroscope-panel)', border: '0',
    borderRight: '1px solid var(--goroscope-line)',
  },
  '.cm-goroutines .cm-gutterElement': { padding: '0 2px', textAlign: 'center' },
  '.cm-goroutines span': {
    display: 'inline-block', minWidth: '16px', padding: '0 3px', borderRadius: '4px', fontSize: '11px',
    lineHeight: '15px', color: 'var(--goroscope-span-ink)', fontVariantNumeric: 'tabular-nums', cursor: 'default',
  },
  // CodeMirror's own marks of complaints are images in data: addresses, which a policy of 'self' forbids: none is
  // asked for, and these have borders, which show in forced colours too.
  '.cm-gutter-lint .cm-gutterElement': { padding: '0' },
  '.cm-gutter-lint .cm-lint-marker': {
    content: 'normal', width: '0', height: '0', margin: '.4em auto 0', border: '.35em solid',
  },
  '.cm-gutter-lint .cm-lint-marker-error': { color: 'var(--goroscope-alarm)', borderRadius: '50%' },
  '.cm-gutter-lint .cm-lint-marker-warning': {
    color: 'var(--goroscope-runnable)', clipPath: 'polygon(50% 0, 100% 100%, 0 100%)',
  },
  '.cm-gutter-lint .cm-lint-marker-info': { color: 'var(--goroscope-syscall)' },
  '.cm-line .cm-lintRange': {
    backgroundImage: 'none', textDecoration: 'underline wavy 1px', textDecorationSkipInk: 'none',
    textUnderlineOffset: '3px',
  },
  '.cm-line .cm-lintRange-error': { textDecorationColor: 'var(--goroscope-alarm)' },
  '.cm-line .cm-lintRange-warning': { textDecorationColor: 'var(--goroscope-runnable)' },
  '.cm-line .cm-lintRange-info': { textDecorationColor: 'var(--goroscope-syscall)' },
  '.cm-line .cm-lintPoint-error:after': { borderBottomColor: 'var(--goroscope-alarm)' },
  '.cm-locked': { backgroundColor: 'var(--goroscope-track)' },
  '.cm-reached': { backgroundColor: 'var(--goroscope-code-reached)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    backgroundColor: 'color-mix(in srgb, var(--goroscope-accent) 20%, transparent)',
  },
  '.cm-tooltip': {
    color: 'var(--goroscope-ink)', backgroundColor: 'var(--goroscope-ground)',
    border: '1px solid var(--goroscope-line)', borderRadius: '5px', maxWidth: '36em',
  },
});

export class Editor {
  /** The files that are not shown. @type {Map<string, EditorState>} */
  #others = new Map();
  #shown = '';
  /** Of the files. */
  #first = '';
  #view;
  #events;

  /**
   * @param {ShadowRoot} root @param {HTMLElement} parent in root
   * @param {EditorEvents} events
   */
  constructor(root, parent, events) {
    this.#events = events;
    this.#view = new EditorView({ root, parent, state: EditorState.create() });
  }

  /**
   * Takes these files instead of what there was, and shows the first; undo brings back what one of the same name held.
   * @param {ReadonlyMap<string, string>} files name -> text
   * @param {Rules} rules
   */
  open(files, rules) {
    if (this.#shown) this.#others.set(this.#shown, this.#view.state);
    const states = [...files].map(([name, text]) => {
      const before = this.#others.get(name);
      return /** @type {const} */ ([name, before ? before.update(whole(before, text)).state : this.#state(name, text)]);
    });
    this.#others = new Map(states);
    this.#shown = '';
    this.#first = states[0]?.[0] ?? '';
    if (!states.length) return this.#view.setState(EditorState.create());
    this.show(this.#first);
    this.rule(rules);
  }

  /** What may be changed by hand from now on. @param {Rules} rules */
  rule({ locked, isReadOnly }) {
    for (const name of [this.#shown, ...this.#others.keys()]) this.#change(name, () => ({ effects: [
      readOnly.reconfigure(EditorState.readOnly.of(isReadOnly)), ...(name === this.#first ? [lock.of(locked)] : []),
    ] }));
  }

  /** The lines that are locked, where they are by now. @returns {Lines[]} */
  get locked() {
    const state = this.#shown === this.#first ? this.#view.state : this.#others.get(this.#first);
    return state ? linesOf(state, state.field(locked, false)) : [];
  }

  /** @param {string} name @param {string} doc */
  #state(name, doc) {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const run = () => (this.#events.onRun(), true);
    // Tab indents, so that by keyboard nobody came further than here. After Escape the next one is the browser's.
    let isLeaving = false;
    const stay = (/** @type {unknown} */ _, /** @type {EditorView} */ view) => {
      isLeaving = false;
      view.setTabFocusMode(false);
    };
    const refuse = (/** @type {unknown} */ _, /** @type {EditorView} */ { state }) => {
      if (state.readOnly) this.#events.onRefuse('This program is read-only here.');
    };
    const escape = (/** @type {EditorView} */ view) => {
      if (isLeaving) this.#events.onLeave();
      else view.setTabFocusMode(Infinity); // until another key
      return isLeaving = true;
    };
    return EditorState.create({ doc, extensions: [
      Prec.highest(keymap.of([
        { key: 'Mod-Enter', run }, { key: 'Ctrl-Enter', run },
        { key: 'Escape', run: escape },
        { any: (view, { key }) => {
          isLeaving &&= key === 'Escape';
          if (key === 'Backspace' || key === 'Delete') refuse(null, view); // of which no input comes
          return false;
        } },
      ])),
      EditorView.domEventHandlers({ blur: stay, mousedown: stay, beforeinput: refuse, paste: refuse }),
      marks, lintGutter(), lineNumbers(), locked, reached, history(),
      drawSelection({ cursorBlinkRate: still ? 0 : 1200 }),
      indentOnInput(), bracketMatching(), highlightActiveLine(), cpp(), highlighting, theme, indentUnit.of('    '),
      EditorState.tabSize.of(4), readOnly.of([]),
      keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
      EditorView.contentAttributes.of({
        'aria-label': `${name}: the program. Control+Enter runs it. Escape, then Tab, leaves the editor.`,
        tabindex: '0', autocapitalize: 'off', autocorrect: 'off', spellcheck: 'false',
      }),
      EditorView.updateListener.of(({ docChanged, selectionSet, state, transactions }) => {
        if (transactions.some(isRefused)) this.#events.onRefuse('This line is read-only here.');
        else if (docChanged || selectionSet) this.#events.onAccept();
        if (docChanged) this.#events.onChange(name, state.doc.toString());
      }),
    ] });
  }

  /** Shows this one. @param {string} name */
  show(name) {
    const state = this.#others.get(name);
    if (!state) return;
    if (this.#shown) this.#others.set(this.#shown, this.#view.state);
    this.#others.delete(name);
    this.#shown = name;
    this.#view.setState(state);
  }

  /**
   * Puts another text in a file's place; undo brings the old one back.
   * @param {string} name @param {string} text
   */
  replace(name, text) {
    this.#change(name, (state) => whole(state, text));
  }

  /** @param {string} name @param {Complaint[]} list */
  complain(name, list) {
    this.#change(name, (state) => setDiagnostics(state, list.map((complaint) => placed(state.doc, complaint))));
  }

  /** @param {string} name @param {Mark[]} list instead of those before */
  mark(name, list) {
    this.#change(name, () => ({ effects: mark.of(list) }));
  }

  /** Leads to a line. @param {string} name @param {number} line @param {boolean} focus */
  reach(name, line, focus) {
    this.show(name);
    if (this.#shown !== name) return;
    const { from } = lineOf(this.#view.state.doc, line);
    this.#view.dispatch({
      selection: { anchor: from },
      effects: [reach.of(line), EditorView.scrollIntoView(from, { y: 'center' })],
    });
    if (focus) this.#view.focus();
  }

  /**
   * @param {string} name
   * @param {(state: EditorState) => import('@codemirror/state').TransactionSpec} change
   */
  #change(name, change) {
    if (name === this.#shown) this.#view.dispatch(change(this.#view.state));
    const before = this.#others.get(name);
    if (!before) return;
    // Who listens is told by the view of what it shows alone.
    const { state, docChanged } = before.update(change(before));
    this.#others.set(name, state);
    if (docChanged) this.#events.onChange(name, state.doc.toString());
  }
}

/** Keys that change nothing may have met a locked line. @param {import('@codemirror/state').Transaction} transaction */
const isRefused = (transaction) => !transaction.docChanged
  && ['input', 'delete', 'move'].some((what) => transaction.isUserEvent(what))
  && transaction.state.selection.ranges.some((range) => transaction.state.field(locked)
    .some(({ from, to }) => range.from <= to && range.to >= from));

/** Another text, whatever is locked. @param {EditorState} state @param {string} text */
const whole = (state, text) => (state.doc.toString() === text ? {}
  : { changes: { from: 0, to: state.doc.length, insert: text }, filter: false,
    annotations: isolateHistory.of('full') });

/** Where a complaint stands, to the end of its word. @param {Text} doc @param {Complaint} complaint */
function placed(doc, { line, column, severity, text }) {
  const { from, to, text: whole } = lineOf(doc, line);
  // The compiler counts bytes.
  const before = new TextDecoder().decode(new TextEncoder().encode(whole).slice(0, Math.max(column - 1, 0))).length;
  const begin = column ? before : whole.length - whole.trimStart().length;
  const length = column ? /^\w+|^./.exec(whole.slice(begin))?.[0].length ?? 0 : to - from;
  return {
    from: from + begin, to: Math.min(from + begin + length, to), message: text,
    severity: severity === 'note' ? /** @type {const} */ ('info') : severity,
  };
}
