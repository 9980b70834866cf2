import { askPeerTool } from './ask-peer.ts';
import { databaseSchemaTool } from './database/database-schema.ts';
import { explainStatementTool } from './database/explain-statement.ts';
import { queryDatabaseTool } from './database/query-database.ts';
import { databaseLookTool } from './database-look.ts';
import { logTemplatesTool } from './log-templates.ts';
import { metricOverviewTool } from './metric-overview.ts';
import { readOutputTool } from './outputs/read-output.ts';
import { searchOutputTool } from './outputs/search-output.ts';

import { runTestsTool } from './run-tests.ts';
import { benchmarkTool } from './sandbox/benchmark.ts';
import { coverageOfChangeTool } from './sandbox/coverage-of-change.ts';
import { cpuProfileTool, debugTool, heapGrowthTool, stacksTool } from './sandbox/debug-code.ts';
import { applyPatchTool, editFilesTool } from './sandbox/edit-files.ts';
import { runCommandTool } from './sandbox/run-command.ts';
import { tryIndexTool } from './sandbox/try-index.ts';
import { resetWorkspaceTool, workspaceChangesTool } from './sandbox/workspace.ts';

import { showCommitTool } from './show-commit.ts';
import { similarIncidentsTool } from './similar-incidents.ts';
import { blameLinesTool } from './source/blame-lines.ts';
import { compareDeploysTool } from './source/compare-deploys.ts';
import { findSymbolTool } from './source/find-symbol.ts';
import { gitDiffTool } from './source/git-diff.ts';
import { gitLogTool } from './source/git-log.ts';
import { listFilesTool } from './source/list-files.ts';
import { readFileTool } from './source/read-file.ts';
import { searchSourceTool } from './source/search-source.ts';
import { suspectCommitsTool } from './suspect-commits.ts';
import { logSearchTool } from './telemetry/log-search.ts';
import { metricQueryTool } from './telemetry/metric-query.ts';
import { traceSearchTool } from './telemetry/trace-search.ts';
import { toldChangesTool } from './told-changes.ts';
import type { AnyTool } from './tool.ts';
import { traceEdgesTool } from './trace-edges.ts';
import { traceTreeTool } from './trace-tree.ts';

/** Everything that an agent may look at, cheap and broad first. */
export const tools: readonly AnyTool[] = [
  metricOverviewTool,
  traceEdgesTool,
  logTemplatesTool,
  databaseLookTool,
  databaseSchemaTool,
  explainStatementTool,
  queryDatabaseTool,
  suspectCommitsTool,
  similarIncidentsTool,
  askPeerTool,
  traceSearchTool,
  traceTreeTool,
  logSearchTool,
  metricQueryTool,
  compareDeploysTool,
  gitLogTool,
  toldChangesTool,
  showCommitTool,
  blameLinesTool,
  gitDiffTool,
  listFilesTool,
  searchSourceTool,
  findSymbolTool,
  readFileTool,
  searchOutputTool,
  readOutputTool,
  runTestsTool,
  coverageOfChangeTool,
  runCommandTool,
  editFilesTool,
  applyPatchTool,
  workspaceChangesTool,
  resetWorkspaceTool,
  debugTool,
  stacksTool,
  cpuProfileTool,
  heapGrowthTool,
  benchmarkTool,
  tryIndexTool,
];
