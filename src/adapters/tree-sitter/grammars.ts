import type { SymbolKind } from '../../ports/symbol-reader.ts';

/** How one language declares things: node types of its grammar, whose `name` or `declarator` is the name. */
export interface Grammar {
  readonly wasm: string;
  readonly declares: Readonly<Record<string, SymbolKind>>;
}

const script: Grammar['declares'] = {
  function_declaration: 'function',
  generator_function_declaration: 'function',
  function_signature: 'function',
  class_declaration: 'class',
  abstract_class_declaration: 'class',
  method_definition: 'method',
  method_signature: 'method',
  abstract_method_signature: 'method',
  public_field_definition: 'field',
  field_definition: 'field',
  interface_declaration: 'interface',
  type_alias_declaration: 'type',
  enum_declaration: 'enum',
  internal_module: 'module',
  variable_declarator: 'value',
  assignment_expression: 'value',
  pair: 'value',
};

const grammars = {
  javascript: { wasm: 'tree-sitter-javascript.wasm', declares: script },
  typescript: { wasm: 'tree-sitter-typescript.wasm', declares: script },
  tsx: { wasm: 'tree-sitter-tsx.wasm', declares: script },
  python: {
    wasm: 'tree-sitter-python.wasm',
    declares: { function_definition: 'function', class_definition: 'class', assignment: 'value' },
  },
  go: {
    wasm: 'tree-sitter-go.wasm',
    declares: {
      function_declaration: 'function',
      method_declaration: 'method',
      type_spec: 'type',
      type_alias: 'type',
      method_elem: 'method',
      field_declaration: 'field',
      const_spec: 'value',
      var_spec: 'value',
    },
  },
  java: {
    wasm: 'tree-sitter-java.wasm',
    declares: {
      class_declaration: 'class',
      record_declaration: 'class',
      interface_declaration: 'interface',
      annotation_type_declaration: 'interface',
      enum_declaration: 'enum',
      method_declaration: 'method',
      constructor_declaration: 'method',
      field_declaration: 'field',
    },
  },
  ruby: {
    wasm: 'tree-sitter-ruby.wasm',
    declares: {
      module: 'module',
      class: 'class',
      method: 'method',
      singleton_method: 'method',
      assignment: 'value',
    },
  },
  rust: {
    wasm: 'tree-sitter-rust.wasm',
    declares: {
      function_item: 'function',
      function_signature_item: 'function',
      struct_item: 'class',
      trait_item: 'interface',
      enum_item: 'enum',
      mod_item: 'module',
      const_item: 'value',
      static_item: 'value',
      type_item: 'type',
      macro_definition: 'function',
      field_declaration: 'field',
    },
  },
  php: {
    wasm: 'tree-sitter-php.wasm',
    declares: {
      function_definition: 'function',
      class_declaration: 'class',
      method_declaration: 'method',
      interface_declaration: 'interface',
      trait_declaration: 'interface',
      enum_declaration: 'enum',
    },
  },
  'c-sharp': {
    wasm: 'tree-sitter-c-sharp.wasm',
    declares: {
      class_declaration: 'class',
      struct_declaration: 'class',
      record_declaration: 'class',
      interface_declaration: 'interface',
      enum_declaration: 'enum',
      method_declaration: 'method',
      constructor_declaration: 'method',
      property_declaration: 'field',
      namespace_declaration: 'module',
    },
  },
  cpp: {
    wasm: 'tree-sitter-cpp.wasm',
    declares: {
      function_definition: 'function',
      class_specifier: 'class',
      struct_specifier: 'class',
      enum_specifier: 'enum',
      namespace_definition: 'module',
    },
  },
  bash: { wasm: 'tree-sitter-bash.wasm', declares: { function_definition: 'function' } },
} as const satisfies Record<string, Grammar>;

const byExtension: Readonly<Record<string, keyof typeof grammars>> = {
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  ts: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  tsx: 'tsx',
  py: 'python',
  pyi: 'python',
  go: 'go',
  java: 'java',
  rb: 'ruby',
  rs: 'rust',
  php: 'php',
  cs: 'c-sharp',
  c: 'cpp',
  h: 'cpp',
  cc: 'cpp',
  cpp: 'cpp',
  cxx: 'cpp',
  hh: 'cpp',
  hpp: 'cpp',
  sh: 'bash',
  bash: 'bash',
};

/** By the ending of its name; undefined for what no grammar is at hand for. */
export function grammarOf(path: string): Grammar | undefined {
  const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const language = Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
  return language === undefined ? undefined : grammars[language];
}
