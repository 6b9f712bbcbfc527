DROP POLICY "presences_read" ON "presences";
DROP POLICY "presences_system" ON "presences";
ALTER TABLE "presences" DROP CONSTRAINT "presences_process_id_live_processes_id_fkey";
DROP TABLE "live_processes";
DROP TABLE "presences";
