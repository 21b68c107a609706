// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {GasFixture} from "../support/GasFixture.sol";

contract EscrowGasTest is GasFixture {
    function test_gas_escrow() public {
        IEscrow.Terms memory t = terms();
        t.appFeeBps = 0;
        vm.prank(alice);
        escrow.fund(t);
        snap("Escrow", "fund");
        vm.prank(alice);
        escrow.release(t);
        snap("Escrow", "release");
        t.salt = "disputed";
        fundDeal(t);
        vm.prank(alice);
        escrow.dispute(t);
        snap("Escrow", "dispute");
        vm.prank(carol);
        escrow.rule(t, 30 * TEA);
        snap("Escrow", "rule");
    }
}
