module heddle.dev/test/real

go 1.21
