;; before
(module
 (func $f
  (i32.store
   (global.get $data)
   (i32.sub
    (i32.load
     (global.get $data)
    )
    (i32.const 64)
   )
  )
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const -4)
   )
  )
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
  (i32.store
   (global.get $data)
   (i32.sub
    (i32.load
     (global.get $data)
    )
    (i32.const -64)
   )
  )
 )
)

;; after
(module
 (func $f
  (i32.store
   (global.get $data)
   (i32.sub
    (i32.load
     (global.get $data)
    )
    (i32.const 64)
   )
  )
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const -4)
   )
  )
  (call $port_save
   (i32.const 68)
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
  (i32.store
   (global.get $data)
   (i32.sub
    (i32.load
     (global.get $data)
    )
    (i32.const -64)
   )
  )
 )
)

