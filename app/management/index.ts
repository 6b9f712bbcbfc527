import type { ManagementCommand } from './command.ts'
import { changepassword } from './changepassword.ts'
import { check } from './check.ts'
import { completion } from './completion.ts'
import { demoteuser } from './demoteuser.ts'
import { exportData } from './export-data.ts'
import { createdb } from './createdb.ts'
import { createsuperuser } from './createsuperuser.ts'
import { dbshell } from './dbshell.ts'
import { dropdb } from './dropdb.ts'
import { initdb } from './initdb.ts'
import { loadData } from './load-data.ts'
import { makemigrations } from './makemigrations.ts'
import { migrate } from './migrate.ts'
import { openapi } from './openapi.ts'
import { promoteuser } from './promoteuser.ts'
import { resetdb } from './resetdb.ts'
import { rotatesecrets } from './rotatesecrets.ts'
import { routes } from './routes.ts'
import { runserver } from './runserver.ts'
import { shell } from './shell.ts'
import { showmigrations } from './showmigrations.ts'
import { showusers } from './showusers.ts'
import { sqlmigrate } from './sqlmigrate.ts'
import { start } from './start.ts'
import { startfeature } from './startfeature.ts'

/** Every command, in the order `./manage` shows them. */
export const COMMANDS: ManagementCommand[] = [
  createsuperuser,
  showusers,
  changepassword,
  promoteuser,
  demoteuser,
  rotatesecrets,
  createdb,
  dropdb,
  resetdb,
  migrate,
  initdb,
  makemigrations,
  showmigrations,
  sqlmigrate,
  dbshell,
  loadData,
  exportData,
  start,
  runserver,
  shell,
  startfeature,
  check,
  routes,
  openapi,
  completion,
]
