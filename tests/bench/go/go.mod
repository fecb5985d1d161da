module goroscope.test/bench

go 1.23
