from tests.jobs.test_worker import *
def test_x(start_worker, ask_for_check, status, waiting_jobs, iiko):
    ask_for_check()
    worker = start_worker()
    import time
    time.sleep(4)
    print(status(), waiting_jobs(), iiko.calls)
    worker.send_signal(signal.SIGTERM)
    print(worker.stderr.read())
    assert 0
