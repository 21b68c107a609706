// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {Fixture} from "./Fixture.sol";

/// @dev For the gas of whole transactions on the plain path: allowance given, and slots that exist in steady state already
/// used (somebody else is a member, has a deposit, holds tokens). Kept in snapshots/ and compared in CI.
abstract contract GasFixture is Fixture {
    uint256 internal constant SECRET = 0x123456789abcdef;
    bytes32 internal constant SALT = keccak256("salt");

    address internal payee;
    uint32 internal home;

    function setUp() public virtual override {
        super.setUp();
        (payee, ) = account("payee");
        fund(payee);
        home = operatorWithStake(carol, carol, payee);
        for (uint256 i = 1; i <= 50; ++i) joinAt(SECRET + i, 100, carol, home);
        vm.startPrank(carol);
        channels.deposit(carol, 1e9);
        channels.allocate(payee, 1e9, carol);
        vm.stopPrank();
        vm.prank(alice);
        channels.deposit(alice, 1e9);
        fundOther();
        vm.startPrank(alice);
        token.transfer(BURNED, 1);
        vm.stopPrank();
    }

    function fundOther() private {
        IEscrow.Terms memory t = terms();
        t.details = "other";
        fundDeal(t);
    }

    function snap(string memory group, string memory name) internal {
        vm.snapshotGasLastCall(group, name);
    }
}
